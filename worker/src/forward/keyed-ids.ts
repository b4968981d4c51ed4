/** Ids that only the holder of the keys can make. */
export interface KeyedIds {
  readonly ofMachine: (machineId: string) => Promise<MachineIds>;
  /** The id under which the ingest reports to itself. Without the key, nobody can send as it. */
  readonly canaryId: string;
  /** 53 bits that stand for all the parts together: two of them cannot be linked without the key. */
  readonly mark: (...parts: readonly string[]) => Promise<number>;
}

/** What stands for one machine. The first two take a UUID and make another of it, one to one. */
export interface MachineIds {
  /**
   * PostHog's id of an event. The same over resends, so that they are recognised; and nobody can
   * overwrite another's event with an id he chose, as the machine goes into it.
   */
  readonly eventUuid: (eventId: string) => string;
  /** Id of a report, for the queue and for stores of our own. */
  readonly reportId: (batchId: string) => string;
  /** What stands for the machine in one month: two months cannot be linked without the key. */
  readonly distinctId: (month: string) => Promise<string>;
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
  const [canary] = await signParts(uuids, ['canary']);
  return {
    ofMachine: async (machineId) => {
      const [eventMask, reportMask] = await signParts(uuids, ['machine', machineId]);
      const months = new Map<string, Promise<string>>();
      return {
        eventUuid: (eventId) => maskUuid(eventId, eventMask),
        reportId: (batchId) => maskUuid(batchId, reportMask),
        distinctId: (month) => {
          // Asked for by the limiter, and again by each day of the month.
          const known = months.get(month);
          if (known !== undefined) return known;
          const made = signParts(machines, ['machine', month, machineId]).then(([number]) =>
            formatUuid(number),
          );
          months.set(month, made);
          return made;
        },
      };
    },
    canaryId: formatUuid(canary),
    mark: async (...parts) => {
      const mac = await crypto.subtle.sign('HMAC', machines, encoder.encode(parts.join('\0')));
      const view = new DataView(mac);
      return view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11);
    },
  };
}

// The operator's commands read this file in Node, where the type has no name of its own.
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

async function importKey(name: string, secret: string): Promise<Key> {
  // 32 characters of hex are 128 bits, less can be guessed.
  if (typeof secret !== 'string' || secret.length < 32) {
    throw new TypeError(`${name}: expected a secret of at least 32 characters`);
  }
  const bytes = encoder.encode(secret);
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/** The HMAC over the parts, which hold no zero byte, as two numbers of 128 bits. */
async function signParts(key: Key, parts: readonly string[]): Promise<readonly [bigint, bigint]> {
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, encoder.encode(parts.join('\0'))));
  const numberAt = (at: number): bigint => (mac.getBigUint64(at) << 64n) | mac.getBigUint64(at + 8);
  return [numberAt(0), numberAt(16)];
}

/**
 * A UUID under a mask that is the machine's own, and that only the holder of the key knows. An HMAC
 * for each event would take 0.6 ms for a report of a hundred; this takes one for a report.
 */
function maskUuid(uuid: string, mask: bigint): string {
  return formatUuid(BigInt(`0x${uuid.replaceAll('-', '')}`) ^ mask);
}

// Version 8 is the one for ids of one's own making.
const versionBits = 0xf000_c000_0000_0000_0000n;
const version8 = 0x8000_8000_0000_0000_0000n;

function formatUuid(number: bigint): string {
  const hex = ((number & ~versionBits) | version8).toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
