// A preload: when the process ends, writes what it did with files below `.codegraph` into the file that
// FILES_LOG names: names of functions of node:fs, in order. A program can put a word among them by
// `process.emit('mark', 'word')`.
import files from 'node:fs';

const log = process.env['FILES_LOG'];
if (log !== undefined) {
  /** @type {string[]} */
  const calls = [];
  /** @type {Set<unknown>} */
  const opened = new Set();
  const { writeFileSync } = files;
  for (const [name, original] of Object.entries(files)) {
    if (typeof original !== 'function' || !name.endsWith('Sync')) continue;
    Object.assign(files, {
      [name]: (/** @type {unknown[]} */ ...args) => {
        const result = original(...args);
        const isOurs = opened.has(args[0]) || String(args[0]).includes('/.codegraph/');
        if (isOurs) calls.push(name);
        if (isOurs && name === 'openSync') opened.add(result);
        if (name === 'closeSync') opened.delete(args[0]);
        return result;
      },
    });
  }
  process.on('mark', (text) => calls.push(text));
  // Registered first, and ours is put before it.
  process.on('exit', () => {
    writeFileSync(log, JSON.stringify(calls));
  });
}
