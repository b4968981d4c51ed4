/**
 * Defects that our code does not have. Put into it one at a time, each of them has to be found by
 * the simulation: that is the proof that it looks where it must.
 */
export interface Mutation {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const mutations: readonly Mutation[] = [
  {
    what: 'an appender never looks whether its file was deleted',
    file: 'src/counting/exit-append.ts',
    from: 'return nlink > 0 || Math.abs(ctimeMs - mtimeMs) >= claimGraceMs;',
    to: 'return true;',
  },
  {
    what: 'an appender writes again whenever its file was deleted',
    file: 'src/counting/exit-append.ts',
    from: 'nlink > 0 || Math.abs(ctimeMs - mtimeMs) >= claimGraceMs',
    to: 'nlink > 0',
  },
  {
    what: 'a claim is deleted although it has grown',
    file: 'sender-thread/claim.ts',
    from: 'if (!hasGrown) rmSync',
    to: 'rmSync',
  },
  {
    what: 'a claim is final at once',
    file: 'sender-thread/claim.ts',
    from: 'ageMs > claimGraceMs &&',
    to: '',
  },
  {
    what: 'a claim that changes while it is read is final',
    file: 'sender-thread/claim.ts',
    from: '&& fstatSync(file).ctimeMs === ctimeMs',
    to: '',
  },
  {
    what: 'claims have the name of a process id',
    file: 'sender-thread/claim.ts',
    from: '`${claimPrefix}${tag}`',
    to: '`${claimPrefix}${process.pid}`',
  },
  {
    what: 'a claim that stands is counted from its beginning again',
    file: 'sender-thread/guest/absorb.ts',
    from: 'known[name] ?? 0',
    to: '0',
  },
  {
    what: 'claims are deleted before the ledger that has them is there',
    file: 'sender-thread/ledger.ts',
    from: '  ledger.publish();\n  deleteClaims(home, spentClaims);',
    to: '  deleteClaims(home, spentClaims);\n  ledger.publish();',
  },
  {
    what: 'the ledger of a flusher that lost its lock is left on its way',
    file: 'sender-thread/spool.ts',
    from: '|| name.startsWith(stagedLedger)',
    to: '',
  },
  {
    what: 'a flusher does not look whether the lock is still its own',
    file: 'sender-thread/lock.ts',
    from: "if (readText(this.#path) !== this.#owner) throw new FlushLost('taken over or turned off');",
    to: '',
  },
  {
    what: 'a report is sent before it is in the ledger',
    file: 'sender-thread/index.ts',
    from: '    lock.commit(() => {\n      commitAbsorbed(paths.home, staged, absorbed, spent);\n    });',
    to: '',
  },
  {
    what: 'no answer is taken for a yes',
    file: 'sender-thread/send.ts',
    from: "return { kind: 'unreachable' };",
    to: "return { kind: 'accepted' };",
  },
  {
    what: 'a 429 is taken for a refusal',
    file: 'sender-thread/send.ts',
    from: '&& status !== 429',
    to: '',
  },
  {
    what: 'a process that writes after an `off` leaves its frame',
    file: 'src/counting/recorder.ts',
    from: 'if (isTurnedOff(consent) || isAfterOff) clearSpool(home);',
    to: '',
  },
  {
    what: 'counts from before an `off` are written after an `on`',
    file: 'src/counting/recorder.ts',
    from: "return mode !== 'off' && isSame;",
    to: "return mode !== 'off';",
  },
  {
    what: 'an `on` leaves what a killed process has left in spite of an `off`',
    file: 'src/command/telemetry/choose.ts',
    from: "if (wish !== 'off' && isStoredOff(home)) clearSpool(home);",
    to: '',
  },
  {
    what: 'an `off` tries once to delete the spool',
    file: 'src/consent/clear-spool.ts',
    from: 'if (round === maxRounds) throw error;',
    to: 'return;',
  },
  {
    what: 'a flush does not look at consent when it has ended',
    file: 'sender-thread/index.ts',
    from: '    clearWhenOff(task);\n',
    to: '',
  },
  {
    what: 'a choice that cannot be read deletes what was counted',
    file: 'spec/contract/consent.ts',
    from: "return mode === 'off' && decidedBy === 'stored';",
    to: "return mode === 'off';",
  },
  {
    what: 'the ledger is written in place',
    file: 'sender-thread/spool.ts',
    from: '    this.#temporary = `${path}.${tag}${temporarySuffix}`;',
    to: '    this.#temporary = path;',
  },
];
