interface Judgement {
  readonly isGood: boolean;
  /** The last line says all in short. */
  readonly text: string;
}

/** What `npm audit --json` prints, as far as it is read. */
interface Audit {
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
  readonly message?: string;
}

/**
 * What an audit says of this package. Good is an audit without a defect in a package that we publish
 * `inside` ours, and without a serious one in any other. No answer is good too, and says so.
 */
export function judgeAudit(output: string, inside: readonly string[]): Judgement {
  const audit = parse(output);
  if (audit?.auditReportVersion === undefined || audit.vulnerabilities === undefined) {
    const reason = audit?.message ?? output.trim().split('\n')[0] ?? '';
    return { isGood: true, text: `NOT AUDITED, because the registry does not answer: ${reason}` };
  }
  const found = Object.entries(audit.vulnerabilities);
  const bad = found.filter(
    ([name, { severity }]) => inside.includes(name) || /^(?:high|critical)$/.test(severity),
  );
  const lines = found.map(([name, { severity }]) => `${severity}: ${name}`);
  const count = `${found.length} packages with a known defect, ${bad.length} of them to be replaced now`;
  return { isGood: bad.length === 0, text: [...lines, count].join('\n') };
}

function parse(output: string): Audit | undefined {
  try {
    return JSON.parse(output) as Audit;
  } catch {
    // An npm that fails before it asks prints words.
    return undefined;
  }
}
