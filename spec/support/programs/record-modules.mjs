// A preload: when the process ends, writes what it has loaded into the file that MODULES_LOG names:
// Node's own modules, and the URLs of all others.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const log = process.env['MODULES_LOG'];
if (log !== undefined) {
  /** @type {string[]} */
  const urls = [];
  registerHooks({
    load(url, context, nextLoad) {
      urls.push(url);
      return nextLoad(url, context);
    },
  });
  // Registered first, so called last: after whatever the program does when it ends.
  process.on('exit', () => {
    setImmediate(() => {});
    // @ts-expect-error Node's list of its own modules has no type.
    writeFileSync(log, JSON.stringify([...process.moduleLoadList, ...urls]));
  });
}
