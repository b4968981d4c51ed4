/** @type {(start: number) => void} */
exports.reportOpening = (start) => {
  const milliseconds = performance.now() - start;
  // Every module of Node's own that this process has loaded; undocumented, and nothing else knows.
  const { moduleLoadList } = /** @type {{ moduleLoadList: string[] }} */ (
    /** @type {unknown} */ (process)
  );
  // Before the first look at stdout, which loads the network's modules when it is a pipe.
  const report = JSON.stringify({ milliseconds, moduleLoadList });
  process.stdout.write(report);
};
