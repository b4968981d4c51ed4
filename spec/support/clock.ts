export const minuteMs = 60_000;
export const dayMs = 86_400_000;

/** Noon of the current UTC day: from here a test does not cross midnight. Epoch milliseconds. */
export function noonToday(): number {
  return Math.floor(Date.now() / dayMs) * dayMs + dayMs / 2;
}
