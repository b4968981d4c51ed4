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
  #seen: string;
  #consent: Consent;
  /** Only the notice is in the way: a server may be up before it was shown. */
  #isUntold = true;

  constructor(overrides: ConsentOverrides, paths: ConsentPaths) {
    this.overrides = overrides;
    this.paths = paths;
    this.#choiceFile = `${paths.dataDir}/${choiceFileName}`;
    this.#seenChoice = fingerprintOf(this.#choiceFile);
    this.#seen = this.#fingerprint();
    this.#consent = this.#decide();
  }

  /** What held when this process last looked. */
  get consent(): Consent {
    return this.#consent;
  }

  /** Looks again, and says what holds now. */
  look(): Consent {
    this.#seenChoice = fingerprintOf(this.#choiceFile);
    const seen = this.#fingerprint();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#consent = this.#decide();
    }
    return this.#consent;
  }

  /**
   * Looks at the choice alone, for one `stat`. Enough to go on counting in memory, and to see an `off`; what
   * will be written or sent needs a `look`.
   */
  glance(): Consent {
    return fingerprintOf(this.#choiceFile) === this.#seenChoice ? this.#consent : this.look();
  }

  #decide(): Consent {
    const consent = decideConsent(this.overrides, this.paths, files);
    this.#isUntold = consent.mode === 'on' && consent.sendFrom === Infinity;
    return consent;
  }

  #fingerprint(): string {
    const { dataDir, policyFile } = this.paths;
    const others = this.#isUntold ? [policyFile, `${dataDir}/${noticeFile}`] : [policyFile];
    return [this.#seenChoice, ...others.map(fingerprintOf)].join(' ');
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
