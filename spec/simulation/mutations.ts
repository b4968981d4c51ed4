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
    from: 'const isDeleted = nlink === 0 && before.nlink > 0;',
    to: 'const isDeleted = nlink === -1;',
  },
  {
    what: 'an appender writes again whenever its file was deleted',
    file: 'src/counting/exit-append.ts',
    from: 'isDeleted && Math.abs(ctimeMs - mtimeMs) < claimGraceMs ?',
    to: 'isDeleted ?',
  },
  {
    what: 'a claim is deleted although it has grown',
    file: 'sender-thread/claim.ts',
    from: 'if (!hasGrown) files.rmSync',
    to: 'files.rmSync',
  },
  {
    what: 'a claim is final at once',
    file: 'sender-thread/claim.ts',
    from: 'ageMs > claimGraceMs &&',
    to: '',
  },
  {
    what: 'claims have the name of a process id',
    file: 'sender-thread/claim.ts',
    from: '`${claimPrefix}${flushId}`',
    to: '`${claimPrefix}${process.pid}`',
  },
  {
    what: 'a claim that stands is counted from its beginning again',
    file: 'sender-thread/guest/absorb.ts',
    from: 'known[claim.name] ?? 0',
    to: '0',
  },
  {
    what: 'claims are deleted before the ledger that has them is there',
    file: 'sender-thread/ledger.ts',
    from: '  ledger.publish();\n  deleteClaims(dataDir, spentClaims);',
    to: '  deleteClaims(dataDir, spentClaims);\n  ledger.publish();',
  },
  {
    what: 'a flusher does not look whether the lock is still its own',
    file: 'sender-thread/lock.ts',
    from: "if (readLock(this.#path) !== this.#flushId) throw new FlushLost('taken over or turned off');",
    to: '',
  },
  {
    what: 'a report is sent before it is in the ledger',
    file: 'sender-thread/absorb-in-parts.ts',
    from: '    lock.commit(() => {\n      commitAbsorbed(dataDir, staged, absorbed, spent);\n    });',
    to: '    void spent;',
  },
  {
    what: 'no answer is taken for a yes',
    file: 'sender-thread/send.ts',
    from: `return { kind: progress.hasLeft ? 'unanswered' : 'unreachable', reason: codeOf(error) };`,
    to: `return { kind: 'accepted' };`,
  },
  {
    what: 'a 429 is taken for a refusal',
    file: 'sender-thread/send.ts',
    from: '[408, 425, 429]',
    to: '[408, 425]',
  },
  {
    what: 'a process that writes after an `off` leaves its frame',
    file: 'src/counting/recorder.ts',
    from: 'if (isTurnedOff(consent) || isAfterOff) clearSpool(dataDir, files);',
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
    file: 'src/consent/choose.ts',
    from: "if (wish !== 'off' && before === 'off') clearSpool(dataDir, files);",
    to: '',
  },
  {
    what: 'a choice that cannot be read deletes what was counted',
    file: 'contract/consent.ts',
    from: "return mode === 'off' && decidedBy === 'stored';",
    to: "return mode === 'off';",
  },
  {
    what: 'the ledger is written in place',
    file: 'contract/write-file.ts',
    from: '    this.#temporary = `${path}.${by}${temporarySuffix}`;',
    to: '    this.#temporary = path;',
  },
  {
    what: 'a report that is sent again has new ids',
    file: 'sender-thread/guest/absorb.ts',
    from: 'text: sealReport(checked.report)',
    to: 'text: sealReport(checked.report).replaceAll(/(?<=event_id":").{8}/g, \'00000000\')',
  },
  {
    what: 'a report that was taken stays in the ledger',
    file: 'sender-thread/guest/book-answer.ts',
    from: '  ledger.reports = ledger.reports.filter((report) => report.batch_id !== batchId);\n',
    to: '  void batchId;\n',
  },
  {
    what: 'a refusal is not counted',
    file: 'sender-thread/guest/book-answer.ts',
    from: 'lost.refused_reports += 1;',
    to: '',
  },
  {
    what: 'a day that is too old is not counted as lost',
    file: 'sender-thread/guest/roll-up.ts',
    from: 'ledger.lost.out_of_date += countsOf(open);',
    to: '',
  },
  {
    what: 'a report that expires is not counted as lost',
    file: 'sender-thread/guest/absorb.ts',
    from: 'ledger.lost.expired_reports += ledger.reports.length - kept.length;',
    to: '',
  },
  {
    what: 'a wait that was booked by a clock ahead of its time holds',
    file: 'contract/wait.ts',
    from: '&& waitMs <= backoffMaxMs',
    to: '',
  },
  {
    what: 'a new month goes on with the old id',
    file: 'sender-thread/guest/monthly-id.ts',
    from: 'find((identity) => identity.month === month)',
    to: 'at(-1)',
  },
  {
    what: 'consent is not looked at before a POST',
    file: 'sender-thread/send-reports.ts',
    from: `if (!maySend(consent, nowOf(task, startedAt))) return { ...result, outcome: 'off' };`,
    to: 'void consent;',
  },
  {
    what: 'the lock is not looked at before a POST',
    file: 'sender-thread/lock.ts',
    from: '  beat(): void {\n    this.commit(() => {',
    to: '  beat(): void {\n    [0].forEach(() => {',
  },
  {
    what: 'a report leaves the ledger before it has a receipt',
    file: 'sender-thread/send-reports.ts',
    from: 'if (accepted !== undefined) keepReceipt',
    to: 'staged.publish();\n      if (accepted !== undefined) keepReceipt',
  },
  {
    what: 'the lock of a flusher that was killed stands for ever',
    file: 'sender-thread/lock.ts',
    from: 'if (stat.isFile() && Math.abs(ageMs) < lockStaleMs) return false;',
    to: 'return false;',
  },
  {
    what: 'a flush deletes what its own clock calls too old',
    file: 'sender-thread/guest/calendar.ts',
    from: 'if (!this.#isConfirmed) return false;\n',
    to: 'if (day < today - maxAgeDays) return true;\n',
  },
  {
    what: 'an attempt is booked only with its answer',
    file: 'sender-thread/guest/absorb.ts',
    from: 'if (first !== undefined) bookAttempt(ledger, first.batchId, now);',
    to: 'void first;',
  },
];
