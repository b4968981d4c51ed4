declare const __TELEMETRY_POLICY__: string | undefined;

/**
 * What a distributor has built in. `default-off`: without a choice it is off. `no-sending`: it may
 * count for its user, and holds no code that sends.
 */
export type BuildPolicy = 'default-on' | 'default-off' | 'no-sending';

export const buildPolicies: readonly BuildPolicy[] = ['default-on', 'default-off', 'no-sending'];

/** Set by `TELEMETRY_POLICY=… npm run build`; a word that is none of the three is refused there. */
export const buildPolicy: BuildPolicy =
  buildPolicies.find(
    (policy) => typeof __TELEMETRY_POLICY__ === 'string' && policy === __TELEMETRY_POLICY__,
  ) ?? 'default-on';
