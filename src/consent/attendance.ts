import { isSet } from '../../contract/consent.ts';

/** Variables of build servers. Sources: ci-info 4.5, std-env 4. */
const buildServers = [
  'CI',
  'CONTINUOUS_INTEGRATION',
  'BUILD_NUMBER',
  'RUN_ID',
  'AC_APPCIRCLE',
  'AGOLA_GIT_REF',
  'APPCENTER_BUILD_ID',
  'APPVEYOR',
  'BITBUCKET_COMMIT',
  'BITRISE_IO',
  'BUDDY_WORKSPACE_ID',
  'BUILDKITE',
  'CF_BUILD_ID',
  'CF_PAGES',
  'CIRCLECI',
  'CIRRUS_CI',
  'CM_BUILD_ID',
  'CODEBUILD_BUILD_ARN',
  'DRONE',
  'EARTHLY_CI',
  'EAS_BUILD',
  'GERRIT_PROJECT',
  'GITEA_ACTIONS',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'GO_PIPELINE_LABEL',
  'HARNESS_BUILD_ID',
  'HUDSON_URL',
  'JENKINS_URL',
  'LAYERCI',
  'NETLIFY',
  'PROW_JOB_ID',
  'RENDER',
  'SAILCI',
  'SCREWDRIVER',
  'SEMAPHORE',
  'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI',
  'TDDIUM',
  'TEAMCITY_VERSION',
  'TF_BUILD',
  'TRAVIS',
  'VELA',
  'VERCEL',
  'WORKERS_CI',
];

/** Variables by which coding agents mark what they run. Sources: std-env 4, am-i-vibing 0.5. */
const codingAgents = [
  'AGENT',
  'AI_AGENT',
  'AMP_CURRENT_THREAD_ID',
  'ANTIGRAVITY_AGENT',
  'AUGMENT_AGENT',
  'CLAUDECODE',
  'CLAUDE_CODE',
  'CLINE_ACTIVE',
  'CODEX_CI',
  'CODEX_SANDBOX',
  'CODEX_SANDBOX_NETWORK_DISABLED',
  'CODEX_THREAD_ID',
  'COPILOT_AGENT',
  'COPILOT_CLI',
  'CRUSH',
  'CURSOR_AGENT',
  'CURSOR_TRACE_ID',
  'GEMINI_CLI',
  'GOOSE_TERMINAL',
  'JUNIE_DATA',
  'JUNIE_SHIM_PATH',
  'OPENCODE',
  'OPENCODE_CLIENT',
  'OPENCODE_SERVER',
  'PI_CODING_AGENT',
  'QWEN_CODE',
  'REPL_ID',
  'ROO_ACTIVE',
  'TRAE_AI_SHELL_ID',
];

/** Set by git for its hooks, which have the terminal of the commit and no reader. */
const hooks = ['GIT_DIR', 'GIT_INDEX_FILE', 'HUSKY', 'LEFTHOOK', 'PRE_COMMIT'];

/** Every variable that tells that no person reads what is printed. */
const unattendedVariables: readonly string[] = [...buildServers, ...codingAgents, ...hooks];

/**
 * Whether a person can be reading stderr and answer: a terminal at both ends, and no sign of a build
 * server, a coding agent or a hook. Such programs run commands on a terminal that no person looks at.
 */
export function isAttended(env: NodeJS.ProcessEnv): boolean {
  // Loaded here: it brings all of Node's sockets, and a host that shows no notice pays for none.
  const { isatty } = process.getBuiltinModule('node:tty');
  return isatty(0) && isatty(2) && !unattendedVariables.some((name) => isSet(env[name]));
}
