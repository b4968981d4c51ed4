// A preload: functions of node:fs fail on open files and on what is in `.codegraph`, in this process
// and its threads: `break-files.mjs?fsyncSync=EIO&renameSync:ledger.json=EROFS&openSync:wx=EINVAL`, where
// the second one fails only on a path that ends so, and the third with these flags.
import files from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { intoThreads } from './into-threads.mjs';

for (const [where, code] of new URL(import.meta.url).searchParams) {
  const [name = '', end = ''] = where.split(':');
  // @ts-expect-error Any function of the module, by its name.
  const original = files[name];
  // @ts-expect-error As above.
  files[name] = (...args) => {
    const [file, target] = args;
    const isFlagged = target === end && isOurs(file, '');
    if (typeof file === 'number' || isOurs(file, end) || isOurs(target, end) || isFlagged)
      throw errorOf(code, name);
    return original(...args);
  };
}

/**
 * @param {unknown} path
 * @param {string} end
 */
function isOurs(path, end) {
  return typeof path === 'string' && path.includes('/.codegraph/') && path.endsWith(end);
}

/**
 * @param {string} code
 * @param {string} syscall
 */
function errorOf(code, syscall) {
  // @ts-expect-error Any code, by its name.
  const errno = -constants.errno[code];
  const message = getSystemErrorMap().get(errno)?.[1];
  return Object.assign(new Error(`${code}: ${message}, ${syscall}`), { code, errno, syscall });
}

intoThreads(import.meta.url);
