declare const __TELEMETRY_POLICY__: string | undefined;

/**
 * What a distributor has built in: with `default-off`, telemetry is off until the user chooses.
 */
export type BuildPolicy = 'default-on' | 'default-off';

export const buildPolicies: readonly BuildPolicy[] = ['default-on', 'default-off'];

/** Set by `TELEMETRY_POLICY=… npm run build`, which refuses any other word. */
export const buildPolicy: BuildPolicy =
  buildPolicies.find(
    (policy) => typeof __TELEMETRY_POLICY__ === 'string' && policy === __TELEMETRY_POLICY__,
  ) ?? 'default-on';
