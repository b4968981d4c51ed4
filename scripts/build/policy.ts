import { type BuildPolicy, buildPolicies } from '../../contract/build-policy.ts';

/**
 * The policy that a distributor builds in by `TELEMETRY_POLICY`; our own when it is not set.
 *
 * @throws Error when it is neither of the two.
 */
export function readPolicy(wish = process.env['TELEMETRY_POLICY'] ?? 'default-on'): BuildPolicy {
  const policy = buildPolicies.find((known) => known === wish);
  if (policy !== undefined) return policy;
  throw new Error(`TELEMETRY_POLICY is ${wish}; expected one of ${buildPolicies.join(', ')}.`);
}
