import { constants } from 'node:fs';
import type { Reach } from './actor.ts';
import { paths } from './paths.ts';

/** Takes a system call of the running actor: it may be recorded, cut off before it, or made to fail. */
export type TakeCall = <T>(what: string, perform: () => T, reach?: Reach) => T;

interface Inode {
  readonly ino: number;
  readonly isFolder: boolean;
  data: Uint8Array;
  /** As much of `data` as a reader sees: an append under way shows its first half. */
  visible: number;
  /** Whose append is under way. */
  writer: object | undefined;
  /** Who has written to it, in order. */
  readonly writers: object[];
  /** By whoever has looked at it: how many writes it had then. */
  readonly looks: Map<object, number>;
  links: number;
  mtimeMs: number;
  ctimeMs: number;
}

interface OpenFile {
  readonly inode: Inode;
  readonly isAppending: boolean;
  position: number;
}

interface Stat {
  readonly ino: number;
  readonly size: number;
  readonly nlink: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What the disk and the clock of the simulated machine know of whoever calls. */
export interface Caller {
  readonly call: TakeCall;
  readonly now: () => number;
  /** The process that is calling. */
  readonly who: () => object;
  /** A file was deleted that these have written to since it was last looked at. */
  readonly noteUnseen: (writers: readonly object[]) => void;
  /** A deleted file has new times, by one who had it open; these have written to it before. */
  readonly noteTouched: (writers: readonly object[]) => void;
  /** True once when the write that is under way is to take only a part. */
  readonly isShort: () => boolean;
}

/**
 * A disk in memory, with the functions of `node:fs` that our code uses. Each of them is taken apart
 * into its system calls, and each of these can be the last one of a process or have those of others
 * before it.
 */
export class VirtualFiles {
  readonly #caller: Caller;
  /** By path. */
  readonly #inodes = new Map<string, Inode>();
  readonly #open = new Map<number, OpenFile>();
  /** By descriptor, also of those that are closed: whoever is told again names them again. */
  readonly #opened: string[] = [];
  #inodeCount = 0;
  #descriptors = 2;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Functions for the module that stands in for `node:fs`. */
  readonly functions = {
    openSync: (path: string, flags: string | number): number => this.#openSync(path, flags),
    closeSync: (file: number): void => {
      this.#caller.call(`close ${this.#nameOf(file)}`, () => this.#open.delete(file), 'private');
    },
    writeSync: (file: number, data: Uint8Array | string): number => this.#writeSync(file, data),
    writeFileSync: (target: number | string, data: string): void => {
      const file = typeof target === 'number' ? target : this.#openSync(target, 'w');
      // It does not take a part for the whole: it writes again, to a disk that is full by now.
      if (this.#writeSync(file, data) < data.length) throw errorOf('ENOSPC', String(target));
    },
    readSync: (file: number, target: Uint8Array): number => {
      const path = this.#nameOf(file);
      // Replaced as a whole: what is open stays as it is.
      const reach = path.endsWith('.json') ? 'private' : undefined;
      const read = (): Uint8Array => this.#read(file, target.length);
      const bytes = this.#caller.call(`read ${path}`, read, reach);
      target.set(bytes);
      return bytes.length;
    },
    readFileSync: (path: string, encoding?: 'utf8'): string | Uint8Array => {
      const file = this.#openSync(path, 'r');
      const bytes = this.#call(`read ${path}`, () => this.#read(file, Infinity));
      return encoding === undefined ? bytes : Buffer.from(bytes).toString();
    },
    fsyncSync: (file: number): void => {
      this.#change(`fsync ${this.#nameOf(file)}`, () => undefined);
    },
    fstatSync: (file: number): Stat =>
      this.#call(`fstat ${this.#nameOf(file)}`, () => statOf(this.#find(file).inode)),
    statSync: (path: string, options?: { throwIfNoEntry?: boolean }): Stat | undefined =>
      this.#statSync(path, options),
    lstatSync: (path: string, options?: { throwIfNoEntry?: boolean }): Stat | undefined =>
      this.#statSync(path, options),
    existsSync: (path: string): boolean =>
      this.#call(`access ${path}`, () => this.#inodes.has(path)),
    utimesSync: (path: string, _atime: Date, mtime: Date): void => {
      this.#change(`utimes ${path}`, () => {
        const inode = this.#need(path);
        inode.mtimeMs = mtime.getTime();
        inode.ctimeMs = this.#caller.now();
      });
    },
    readdirSync: (path: string): string[] =>
      this.#call(`readdir ${path}`, () => {
        if (!this.#need(path).isFolder) throw errorOf('ENOTDIR', path);
        return this.#namesIn(path);
      }),
    mkdirSync: (path: string): void => {
      this.#change(`mkdir ${path}`, () => {
        if (this.#inodes.has(path)) throw errorOf('EEXIST', path);
        this.#needFolderOf(path);
        this.#link(path, this.#newInode(true));
      });
    },
    chmodSync: (path: string): void => {
      this.#change(`chmod ${path}`, () => void this.#need(path));
    },
    fchmodSync: (file: number): void => {
      this.#change(`fchmod ${this.#nameOf(file)}`, () => undefined);
    },
    renameSync: (from: string, to: string): void => {
      this.#change(`rename ${from} ${to}`, () => {
        const inode = this.#need(from);
        this.#needFolderOf(to);
        this.#unlink(from);
        this.#unlink(to);
        this.#link(to, inode);
      });
    },
    linkSync: (from: string, to: string): void => {
      this.#change(`link ${from} ${to}`, () => {
        const inode = this.#need(from);
        if (this.#inodes.has(to)) throw errorOf('EEXIST', to);
        this.#link(to, inode);
      });
    },
    unlinkSync: (path: string): void => {
      this.#change(`unlink ${path}`, () => {
        this.#need(path);
        this.#unlink(path);
      });
    },
    rmSync: (path: string, { force = false }: { force?: boolean } = {}): void => {
      this.#rmSync(path, force);
    },
  };

  /** Makes a folder that was always there. */
  makeFolder(path: string): void {
    this.#link(path, this.#newInode(true));
  }

  /** Puts a file there that was always there. */
  put(path: string, text: string): void {
    const inode = this.#newInode(false);
    inode.data = Buffer.from(text);
    inode.visible = inode.data.length;
    this.#link(path, inode);
  }

  /** What a file holds, for whoever looks from outside; undefined when there is none. */
  peek(path: string): Uint8Array | undefined {
    return this.#inodes.get(path)?.data;
  }

  /** Names in a folder, for whoever looks from outside; undefined when there is none. */
  list(path: string): readonly string[] | undefined {
    return this.#inodes.has(path) ? this.#namesIn(path) : undefined;
  }

  /** Puts other bytes into a file, as a failing disk does: its times stay. */
  damage(path: string, change: (data: Uint8Array) => Uint8Array): void {
    const inode = this.#inodes.get(path);
    if (inode === undefined || inode.isFolder || inode.writer !== undefined) return;
    inode.data = change(inode.data);
    inode.visible = inode.data.length;
  }

  /** Ends all writes that are under way: none takes seconds. */
  finishWrites(): void {
    for (const { inode } of this.#open.values()) {
      inode.writer = undefined;
      inode.visible = inode.data.length;
    }
  }

  /** Ends what a killed process was just writing: the second half is never written. */
  abandon(writer: object): void {
    for (const { inode } of this.#open.values()) {
      if (inode.writer !== writer) continue;
      inode.writer = undefined;
      inode.data = inode.data.slice(0, inode.visible);
    }
  }

  #openSync(path: string, flags: string | number): number {
    const number = typeof flags === 'number' ? flags : (flagNumbers[flags] ?? 0);
    const open = (): number => {
      let inode = this.#inodes.get(path);
      if (inode === undefined) {
        if (!(number & constants.O_CREAT)) throw errorOf('ENOENT', path);
        inode = this.#newInode(false);
        this.#link(path, inode);
      } else if (number & constants.O_EXCL) {
        throw errorOf('EEXIST', path);
      } else if (inode.isFolder) {
        throw errorOf('EISDIR', path);
      }
      if (number & constants.O_TRUNC) inode.data = inode.data.slice(0, (inode.visible = 0));
      const file = ++this.#descriptors;
      const isAppending = (number & constants.O_APPEND) !== 0;
      this.#open.set(file, { inode, isAppending, position: 0 });
      this.#opened[file] = path;
      return file;
    };
    return this.#caller.call(
      `open ${path}`,
      open,
      number & constants.O_CREAT ? 'change' : undefined,
    );
  }

  #writeSync(file: number, data: Uint8Array | string): number {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    // Nothing may be looked at outside a call: it would not be the same when it is told again.
    const { written, isHalf } = this.#change(`write ${this.#nameOf(file)}`, () => {
      const { inode, isAppending } = this.#find(file);
      const count = this.#caller.isShort() ? bytes.length >> 1 : bytes.length;
      // Appends wait for one another.
      inode.writer = isAppending ? this.#caller.who() : undefined;
      if (inode.links === 0) this.#caller.noteTouched(inode.writers);
      inode.writers.push(this.#caller.who());
      inode.visible = inode.data.length + (isAppending ? count >> 1 : count);
      inode.data = Buffer.concat([inode.data, bytes.subarray(0, count)]);
      this.#touch(inode);
      return { written: count, isHalf: isAppending };
    });
    if (!isHalf) return written;
    return this.#change(`go on to write ${this.#nameOf(file)}`, () => {
      const { inode } = this.#find(file);
      if (inode.writer === this.#caller.who()) {
        inode.writer = undefined;
        inode.visible = inode.data.length;
        this.#touch(inode);
      }
      return written;
    });
  }

  #statSync(path: string, options?: { throwIfNoEntry?: boolean }): Stat | undefined {
    const look = (): Stat | undefined => {
      const inode = this.#inodes.get(path);
      inode?.looks.set(this.#caller.who(), inode.writers.length);
      if (inode !== undefined) return statOf(inode);
      if (options?.throwIfNoEntry === false) return undefined;
      throw errorOf('ENOENT', path);
    };
    // Nobody ever makes a policy here.
    const reach = path === paths.policyFile ? 'private' : undefined;
    return this.#caller.call(`stat ${path}`, look, reach);
  }

  #rmSync(path: string, isForced: boolean): void {
    const { isThere, names } = this.#call(`lstat ${path}`, () => {
      const inode = this.#inodes.get(path);
      if (inode === undefined && !isForced) throw errorOf('ENOENT', path);
      return {
        isThere: inode !== undefined,
        names: inode?.isFolder ? this.#namesIn(path) : undefined,
      };
    });
    if (!isThere) return;
    for (const name of names ?? []) this.#rmSync(`${path}/${name}`, true);
    this.#change(`${names === undefined ? 'unlink' : 'rmdir'} ${path}`, () => {
      if (names !== undefined && this.#namesIn(path).length > 0) throw errorOf('ENOTEMPTY', path);
      const inode = this.#inodes.get(path);
      // Made since the look: a file is gone by its name, a folder is not.
      if (names === undefined && inode?.isFolder) throw errorOf('EISDIR', path);
      const seen = inode?.looks.get(this.#caller.who());
      if (seen !== undefined) this.#caller.noteUnseen(inode?.writers.slice(seen) ?? []);
      this.#unlink(path);
    });
  }

  #call<T>(what: string, perform: () => T): T {
    return this.#caller.call(what, perform);
  }

  #change<T>(what: string, perform: () => T): T {
    return this.#caller.call(what, perform, 'change');
  }

  #read(file: number, maxBytes: number): Uint8Array {
    const open = this.#find(file);
    const end = Math.min(open.inode.visible, open.position + maxBytes);
    const bytes = open.inode.data.slice(open.position, end);
    open.position += bytes.length;
    return bytes;
  }

  #nameOf(file: number): string {
    return this.#opened[file] ?? String(file);
  }

  #find(file: number): OpenFile {
    const open = this.#open.get(file);
    if (open === undefined) throw errorOf('EBADF', String(file));
    return open;
  }

  #newInode(isFolder: boolean): Inode {
    const now = this.#caller.now();
    return {
      ino: ++this.#inodeCount,
      isFolder,
      data: new Uint8Array(),
      visible: 0,
      writer: undefined,
      writers: [],
      looks: new Map(),
      links: 0,
      mtimeMs: now,
      ctimeMs: now,
    };
  }

  #touch(inode: Inode): void {
    inode.mtimeMs = inode.ctimeMs = this.#caller.now();
  }

  #link(path: string, inode: Inode): void {
    this.#needFolderOf(path);
    this.#inodes.set(path, inode);
    inode.links += 1;
    inode.ctimeMs = this.#caller.now();
  }

  #unlink(path: string): void {
    const inode = this.#inodes.get(path);
    if (inode === undefined) return;
    this.#inodes.delete(path);
    inode.links -= 1;
    inode.ctimeMs = this.#caller.now();
  }

  #need(path: string): Inode {
    const inode = this.#inodes.get(path);
    if (inode === undefined) throw errorOf('ENOENT', path);
    return inode;
  }

  #needFolderOf(path: string): void {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder !== '') this.#need(folder);
  }

  #namesIn(path: string): string[] {
    const start = `${path}/`;
    return [...this.#inodes.keys()]
      .filter((key) => key.startsWith(start) && !key.includes('/', start.length))
      .map((key) => key.slice(start.length));
  }
}

const flagNumbers: Readonly<Record<string, number>> = {
  r: constants.O_RDONLY,
  w: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  wx: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
};

/** An error as `node:fs` throws it, without the stack that nobody looks at. */
export function errorOf(code: string, path: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(`${code}: simulated, '${path}'`), { code });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

function statOf({ ino, visible, links, mtimeMs, ctimeMs, isFolder }: Inode): Stat {
  return {
    ino,
    size: visible,
    nlink: links,
    mtimeMs,
    ctimeMs,
    mode: 0o700,
    uid: process.geteuid?.() ?? 0,
    gid: 0,
    isFile: () => !isFolder,
    isDirectory: () => isFolder,
    isSymbolicLink: () => false,
  };
}
