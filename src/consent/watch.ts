import files from 'node:fs';
import {
  type Consent,
  type ConsentOverrides,
  type ConsentPaths,
  decideConsent,
} from '../../contract/consent.ts';
import { choiceFileName, noticeFile } from '../../contract/files.ts';

/**
 * Consent as this process sees it, kept up to date at the price of a few `stat` calls: the files are
 * read again only when one of them changed. Never throws; what cannot be read is off.
 */
export class ConsentWatch {
  readonly overrides: ConsentOverrides;
  readonly paths: ConsentPaths;
  readonly #choiceFile: string;
  #seenChoice: string;
  #seenPolicy: string;
  #seenNotice: string;
  #consent: Consent;

  constructor(overrides: ConsentOverrides, paths: ConsentPaths) {
    this.overrides = overrides;
    this.paths = paths;
    this.#choiceFile = `${paths.dataDir}/${choiceFileName}`;
    // Before anything is read: what changes in between is then seen by the next look.
    this.#seenChoice = fingerprintOf(this.#choiceFile);
    this.#seenPolicy = fingerprintOf(paths.policyFile);
    this.#seenNotice = this.#fingerprintNotice();
    this.#consent = decideConsent(overrides, paths, files);
  }

  /** What held when this process last looked. */
  get consent(): Consent {
    return this.#consent;
  }

  /** Looks again, and says what holds now. */
  look(): Consent {
    const choice = fingerprintOf(this.#choiceFile);
    const policy = fingerprintOf(this.paths.policyFile);
    // Only the notice may be in the way: a server may be up before it was shown.
    const { mode, sendFrom } = this.#consent;
    const isUntold = mode === 'on' && sendFrom === Infinity;
    const notice = isUntold ? this.#fingerprintNotice() : this.#seenNotice;
    const isSame =
      choice === this.#seenChoice && policy === this.#seenPolicy && notice === this.#seenNotice;
    if (isSame) return this.#consent;
    this.#seenChoice = choice;
    this.#seenPolicy = policy;
    this.#seenNotice = notice;
    this.#consent = decideConsent(this.overrides, this.paths, files);
    return this.#consent;
  }

  /**
   * Looks at the choice alone, for one `stat`. Enough to go on counting in memory, and to see an `off`; what
   * will be written or sent needs a `look`.
   */
  glance(): Consent {
    return fingerprintOf(this.#choiceFile) === this.#seenChoice ? this.#consent : this.look();
  }

  #fingerprintNotice(): string {
    return fingerprintOf(`${this.paths.dataDir}/${noticeFile}`);
  }
}

function fingerprintOf(path: string): string {
  try {
    const options = { throwIfNoEntry: false } as const;
    // A dangling link is not nothing.
    const stat = files.statSync(path, options) ?? files.lstatSync(path, options);
    return stat === undefined ? 'none' : `${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
  } catch {
    return 'unreadable';
  }
}
