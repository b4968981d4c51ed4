import files from 'node:fs';
import {
  type Consent,
  type ConsentPaths,
  type ConsentWishes,
  decideConsent,
} from '../../contract/consent.ts';
import { choiceFileName } from '../../contract/files.ts';

/**
 * Consent as this process sees it, kept up to date at the price of a `stat`: the files are read
 * again only when one of them changed. Never throws; what cannot be read is off.
 */
export class ConsentWatch {
  readonly wishes: ConsentWishes;
  readonly paths: ConsentPaths;
  #seen: string;
  #consent: Consent;

  constructor(wishes: ConsentWishes, paths: ConsentPaths) {
    this.wishes = wishes;
    this.paths = paths;
    this.#seen = this.#fingerprint();
    this.#consent = decideConsent(wishes, paths, files);
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
      this.#consent = decideConsent(this.wishes, this.paths, files);
    }
    return this.#consent;
  }

  #fingerprint(): string {
    const { home, policyFile } = this.paths;
    return `${fingerprintOf(`${home}/${choiceFileName}`)} ${fingerprintOf(policyFile)}`;
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
