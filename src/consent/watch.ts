import files from 'node:fs';
import {
  type Consent,
  type ConsentOverrides,
  type ConsentPaths,
  decideConsent,
} from '../../contract/consent.ts';
import { choiceFileName, noticeFile } from '../../contract/files.ts';

/**
 * Consent as this process sees it, kept up to date at the price of a `stat`: the files are read
 * again only when one of them changed. Never throws; what cannot be read is off.
 */
export class ConsentWatch {
  readonly overrides: ConsentOverrides;
  readonly paths: ConsentPaths;
  #seen: string;
  #consent: Consent;
  /** Nothing but the notice is in the way: a server may be up before it was shown. */
  #isUntold = true;

  constructor(overrides: ConsentOverrides, paths: ConsentPaths) {
    this.overrides = overrides;
    this.paths = paths;
    this.#seen = this.#fingerprint();
    this.#consent = this.#decide();
  }

  /** What held when this process last looked. */
  get consent(): Consent {
    return this.#consent;
  }

  /** Looks again, and says what holds now. */
  look(): Consent {
    const seen = this.#fingerprint();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#consent = this.#decide();
    }
    return this.#consent;
  }

  #decide(): Consent {
    const consent = decideConsent(this.overrides, this.paths, files);
    this.#isUntold = consent.mode === 'on' && consent.sendFrom === Infinity;
    return consent;
  }

  #fingerprint(): string {
    const { dataDir, policyFile } = this.paths;
    const paths = [`${dataDir}/${choiceFileName}`, policyFile];
    if (this.#isUntold) paths.push(`${dataDir}/${noticeFile}`);
    return paths.map(fingerprintOf).join(' ');
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
