import { expect, it } from 'vitest';
import { judgeAudit } from './judge-audit.ts';

const inside = ['valibot', 'piscina'];
const audit = (severities: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(
      Object.entries(severities).map(([name, severity]) => [name, { name, severity }]),
    ),
  });

it.each([
  ['nothing is known', audit({}), true, '0 packages with a known defect'],
  ['a tool has a small defect', audit({ knip: 'moderate' }), true, 'moderate: knip'],
  ['a tool has a serious defect', audit({ knip: 'high' }), false, 'high: knip'],
  ['a package inside ours has a small defect', audit({ valibot: 'low' }), false, 'low: valibot'],
  [
    'the registry knows no audit',
    '{"message":"405 Method Not Allowed","statusCode":405}',
    true,
    'NOT AUDITED, because the registry does not answer: 405 Method Not Allowed',
  ],
  ['npm prints words', 'npm error network\nmore', true, 'does not answer: npm error network'],
  ['npm prints nothing', '', true, 'NOT AUDITED'],
  ['the answer is no audit', 'null', true, 'NOT AUDITED'],
])('says whether it is good when %s', (_, output, isGood, words) => {
  const judgement = judgeAudit(output, inside);
  expect(judgement.isGood).toBe(isGood);
  expect(judgement.text).toContain(words);
});
