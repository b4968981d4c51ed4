// A process warning (a leaked listener, a deprecated call, a forgotten handle) fails the run.
process.on('warning', (warning) => {
  throw warning;
});
