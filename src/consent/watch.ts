import files from 'node:fs';
import {
  type Consent,
  type ConsentOverrides,
  type ConsentPaths,
  decideConsent,
} from '../../contract/consent.ts';
import { choiceFileName } from '../../contract/files.ts';

/**
 * Consent as this process sees it, kept up to date at the price of a `stat`: the files are read
 * again only when one of them changed. Never throws; what cannot be read is off.
 */
export class ConsentWatch {
  readonly overrides: ConsentOverrides;
  readonly paths: ConsentPaths;
  #seen: string;
  #consent: Consent;

  constructor(overrides: ConsentOverrides, paths: ConsentPaths) {
    this.overrides = overrides;
    this.paths = paths;
    this.#seen = this.#fingerprint();
    this.#consent = decideConsent(overrides, paths, files);
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
      this.#consent = decideConsent(this.overrides, this.paths, files);
    }
    return this.#consent;
  }

  #fingerprint(): string {
    const { dataDir, policyFile } = this.paths;
    return `${fingerprintOf(`${dataDir}/${choiceFileName}`)} ${fingerprintOf(policyFile)}`;
  }
}

function fingerprintOf(path: string): string {
  try {
    const stat = files.statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? 'none' : `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
  } catch {
    return 'unreadable';
  }
}
