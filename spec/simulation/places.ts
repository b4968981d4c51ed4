export const home = '/home/.codegraph';

/** Where everything is on the simulated machine. */
export const paths = { home, policyFile: '/policy.json' };
