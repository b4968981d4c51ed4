import { CANCELLED, lookup, Resolver, TIMEOUT } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { nameServerMs } from '../contract/limits.ts';

/**
 * The system's own lookup, once its first name server has shown that it answers. That lookup cannot
 * be called off, and a process that exits waits for it: 10 s and more for a server that is silent.
 */
export const lookUp: LookupFunction = (hostname, options, callback) => {
  void askNameServer(hostname).then((answered) => {
    const [family, other] = answered;
    if (family === undefined) callback(new Error('no name server answers'), []);
    else lookup(hostname, other === undefined ? { ...options, family } : options, callback);
  });
};

/**
 * For which of 4 and 6 a name server answers a question about this name in time, whatever it says: a
 * machine without one may have the name in its hosts file. Some drop what they do not know, and a
 * lookup would wait for that as well. Asks the system's first server unless told otherwise; nobody
 * needs to be asked about this machine itself.
 */
export async function askNameServer(
  hostname: string,
  servers?: readonly string[],
  waitMs: number = nameServerMs,
): Promise<readonly (4 | 6)[]> {
  if (hostname === 'localhost') return [4, 6];
  // In twice the time it would ask the second server, and the system's lookup would wait for the first.
  const resolver = new Resolver({ timeout: 2 * waitMs, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  const timer = setTimeout(() => {
    resolver.cancel();
  }, waitMs);
  const ask = (family: 4 | 6): Promise<4 | 6 | undefined> =>
    new Promise((resolve) => {
      resolver.resolve(hostname, family === 4 ? 'A' : 'AAAA', (error) => {
        resolve(isAnswer(error) ? family : undefined);
      });
    });
  const answered = await Promise.all([ask(4), ask(6)]);
  clearTimeout(timer);
  return answered.filter((family) => family !== undefined);
}

/** Whatever comes in time, a refusal included: what the system then asks comes to an end as well. */
function isAnswer(error: NodeJS.ErrnoException | null): boolean {
  return error?.code !== TIMEOUT && error?.code !== CANCELLED;
}
