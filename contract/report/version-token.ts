/**
 * Versions as tokens: digits and a closed list of pre-release words, so that no text of the
 * user's can travel as a version. `other` stands for any that does not fit.
 */
export const packageVersionPattern =
  /^\d{1,4}\.\d{1,4}\.\d{1,5}(?:-(?:alpha|beta|canary|dev|next|rc)(?:\.\d{1,5})?)?$/;

/** Major.minor of an MCP client, such as `2.1`. */
export const clientVersionPattern = /^\d{1,4}\.\d{1,4}$/;

/** `version` when it is a plain release or pre-release, else `other`. */
export function foldPackageVersion(version: string): string {
  return packageVersionPattern.test(version) ? version : 'other';
}

/** Major.minor of `version`; undefined when it does not start with two numbers. */
export function foldClientVersion(version: string): string | undefined {
  return /^v?(\d{1,4}\.\d{1,4})(?![\d])/.exec(version)?.[1];
}
