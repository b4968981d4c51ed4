import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  bufferFile,
  choiceFileName,
  claimPrefix,
  damagedLedgerFile,
  engineClaimPrefix,
  engineQueueFile,
  failureFile,
  installRecordFile,
  ledgerFile,
  lockFile,
  noticeFile,
  receiptsFile,
  spoolFolder,
} from '../../contract/files.ts';
import { openHome, type TestHome } from './home.ts';
import { leaveQuery } from './hostile.ts';
import { listFiles } from './list-files.ts';

/** What a neighbour, a backup or a mishap may have put at the names of our files. */

/** Every name below `~/.codegraph` that a program of ours opens, writes or deletes. */
export const fileNames: readonly string[] = [
  choiceFileName,
  bufferFile,
  `${spoolFolder}/${claimPrefix}planted`,
  ledgerFile,
  `${ledgerFile}.planted.tmp`,
  damagedLedgerFile,
  receiptsFile,
  lockFile,
  noticeFile,
  installRecordFile,
  failureFile,
  engineQueueFile,
  `${engineClaimPrefix}1.jsonl`,
  'telemetry-receipts.jsonl',
  'daemons/planted.json',
];

/** The folders of ours; an empty name is `~/.codegraph` itself. */
export const folderNames: readonly string[] = ['', spoolFolder, 'daemons'];

// No user has it.
const stranger = 54_321;

/** A kind of thing that may stand at a name. */
export interface Plant {
  readonly kind: string;
  readonly at: 'files' | 'folders' | 'both';
  /** It stays another user's, which only root can arrange. */
  readonly isForeign?: true;
  /** Puts it there; a victim is a file, or a folder for the name of a folder. */
  readonly put: (path: string, victim: string) => void;
}

const yes = '{"enabled":true}';

export const plants: readonly Plant[] = [
  { kind: 'a FIFO', at: 'both', put: (path) => void execFileSync('mkfifo', [path]) },
  {
    kind: 'a folder',
    at: 'files',
    put: (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'inside'), '');
    },
  },
  {
    kind: 'a link to an endless device',
    at: 'both',
    put: (path) => {
      symlinkSync('/dev/zero', path);
    },
  },
  {
    kind: 'a dangling link',
    at: 'both',
    put: (path) => {
      symlinkSync('/nowhere/at/all', path);
    },
  },
  {
    kind: 'a link to a victim',
    at: 'both',
    put: (path, victim) => {
      symlinkSync(victim, path);
    },
  },
  {
    kind: 'a second name of a victim',
    at: 'files',
    put: (path, victim) => {
      linkSync(victim, path);
    },
  },
  {
    kind: 'a file of 1 GB without content',
    at: 'files',
    put: (path) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 30);
    },
  },
  {
    kind: 'a file of another user',
    at: 'files',
    isForeign: true,
    put: (path) => {
      writeFileSync(path, yes);
      chownSync(path, stranger, stranger);
    },
  },
  {
    kind: 'a folder of another user',
    at: 'folders',
    isForeign: true,
    put: (path) => {
      mkdirSync(path, { recursive: true });
      chownSync(path, stranger, stranger);
    },
  },
  {
    kind: 'a folder that everybody may change',
    at: 'folders',
    put: (path) => {
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o777);
    },
  },
];

/** A home in which a kind of thing stands at some of our names. */
export interface PlantedHome extends TestHome {
  /** What is not ours: its paths, modes, owners, times and contents. */
  lookAtVictims(): unknown;
}

/** Whether a home with something planted at these names has something to send beside it. */
export function hasQuery(names: readonly string[]): boolean {
  return !names.some((name) => name === bufferFile || folderNames.includes(name));
}

/** Makes such a home, of the user `uid` where that is given. */
export function plantHome(plant: Plant, names: readonly string[], uid?: number): PlantedHome {
  const home = openHome();
  const victims = makeVictims(home.root);
  const put = (): void => {
    for (const name of names) {
      const path = join(home.folder, name);
      const victim = folderNames.includes(name) ? victims : join(victims, 'victim');
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      plant.put(path, victim);
    }
  };
  if (hasQuery(names)) leaveQuery(home);
  if (plant.isForeign !== true) put();
  if (uid !== undefined) execFileSync('chown', ['-hR', `${uid}:${uid}`, home.root]);
  if (plant.isForeign === true) put();
  return { ...home, lookAtVictims: () => lookAt(victims) };
}

/** Files as a folder of ours may have them, that are somebody's all the same. */
function makeVictims(root: string): string {
  const folder = join(root, 'victims');
  const spool = join(folder, spoolFolder);
  mkdirSync(spool, { recursive: true });
  for (const path of [
    ...['victim', ...fileNames.filter((name) => !name.includes('/'))].map((name) =>
      join(folder, name),
    ),
    ...['buffer.msgpack', 'claim-a', 'ledger.json', 'notes.tmp'].map((name) => join(spool, name)),
    ...['buffer.msgpack', 'claim-a', 'ledger.json', 'notes.tmp'].map((name) => join(folder, name)),
  ]) {
    writeFileSync(path, 'dear to somebody', { mode: 0o644 });
  }
  return folder;
}

function lookAt(folder: string): unknown {
  return listFiles(folder).map((name) => {
    const path = join(folder, name);
    const { mode, uid, gid, mtimeMs } = lstatSync(path);
    const isFile = lstatSync(path).isFile();
    return { name, mode, uid, gid, mtimeMs, text: isFile ? readFileSync(path, 'utf8') : undefined };
  });
}
