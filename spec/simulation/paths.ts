export const dataDir = '/home/.codegraph';

/** Where everything is on the simulated machine. */
export const paths = { dataDir, policyFile: '/policy.json' };
