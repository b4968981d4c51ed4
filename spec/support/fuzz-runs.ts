/** How often a property is tried in the suite; `npm run fuzz` asks for more. */
export function fuzzRuns(short: number): number {
  return Math.max(short, Number(process.env['TELEMETRY_FUZZ_RUNS'] ?? 0));
}
