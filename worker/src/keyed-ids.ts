/** Ids that only the holder of the keys can make. */
export interface KeyedIds {
  /**
   * PostHog's id of an event. The same over resends, so that they are recognised; and nobody can
   * overwrite another's event with an id he chose, as the machine goes into it.
   */
  readonly eventUuid: (machineId: string, eventId: string) => Promise<string>;
  /** What stands for the machine in one month: two months cannot be linked without the key. */
  readonly distinctId: (machineId: string, month: string) => Promise<string>;
  /** Id of a report, for the queue and for stores of our own. */
  readonly reportId: (machineId: string, batchId: string) => Promise<string>;
}

const encoder = new TextEncoder();

interface Keys {
  readonly uuidKey: string;
  readonly distinctKey: string;
}

/** @throws TypeError when a key is missing or shorter than 32 characters. */
export async function openKeyedIds({ uuidKey, distinctKey }: Keys): Promise<KeyedIds> {
  const [uuids, machines] = await Promise.all([
    importKey('UUID_KEY', uuidKey),
    importKey('DISTINCT_KEY', distinctKey),
  ]);
  return {
    eventUuid: (machineId, eventId) => deriveUuid(uuids, ['event', machineId, eventId]),
    reportId: (machineId, batchId) => deriveUuid(uuids, ['report', machineId, batchId]),
    distinctId: (machineId, month) => deriveUuid(machines, ['machine', month, machineId]),
  };
}

async function importKey(name: string, secret: string): Promise<CryptoKey> {
  // 32 characters of hex are 128 bits, less can be guessed.
  if (typeof secret !== 'string' || secret.length < 32) {
    throw new TypeError(`${name}: expected a secret of at least 32 characters`);
  }
  const bytes = encoder.encode(secret);
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/** A UUID of version 8: the first 128 bits of an HMAC over the parts, which hold no zero byte. */
async function deriveUuid(key: CryptoKey, parts: readonly string[]): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', key, encoder.encode(parts.join('\0')));
  const bytes = new Uint8Array(mac, 0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return formatUuid(bytes);
}

// Looked up, as this runs for every event.
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function formatUuid(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < 16; at++) {
    text += hexOfByte[bytes[at] ?? 0] ?? '';
    if (at === 3 || at === 5 || at === 7 || at === 9) text += '-';
  }
  return text;
}
