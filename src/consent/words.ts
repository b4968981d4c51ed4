import type { DecidedBy } from '../../contract/consent.ts';

/** What decided, for people. */
export const decidedByWords: { readonly [Key in DecidedBy]: string } = {
  DO_NOT_TRACK: 'the DO_NOT_TRACK environment variable',
  policy: 'the policy file of this machine',
  '--no-telemetry': 'the --no-telemetry flag',
  CODEGRAPH_TELEMETRY: 'the CODEGRAPH_TELEMETRY environment variable',
  stored: 'your stored choice',
  unreadable: 'a choice file that cannot be read',
  untrusted: 'directories that are not yours alone',
  default: 'the default, because no choice is stored',
  build: 'the build of this package',
};
