/** Words that some files may not contain, whatever they do with them. */
export interface RefusedWords {
  /** Whether a string or a piece of a template may not be this. */
  readonly isRefusedText: (text: string) => boolean;
  readonly identifiers: readonly string[];
  readonly why: string;
}

// What Cloudflare tells a Worker about the sender of a request.
const addressHeaders = [
  'cf',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-ipcountry',
  'cf-pseudo-ipv4',
  'true-client-ip',
  'x-forwarded-for',
  'x-real-ip',
];

/** For the ingest, which promises not to read the address of a client. */
export const clientAddress: RefusedWords = {
  isRefusedText: (text) => addressHeaders.includes(text.trim().toLowerCase()),
  identifiers: ['cf'],
  why: "the ingest never reads the client's address",
};

// With or without `node:`, and by whatever means: import, require, getBuiltinModule.
const networkModules = /^(?:node:)?(?:https?|http2|net|tls|dns|dgram)(?:\/.*)?$/;
const networkGlobals = ['fetch', 'WebSocket', 'WebSocketStream', 'EventSource', 'XMLHttpRequest'];

/** For what is published, except the one file that sends. */
export const connections: RefusedWords = {
  isRefusedText: (text) => networkModules.test(text) || networkGlobals.includes(text),
  identifiers: networkGlobals,
  why: 'only sender-thread/send.ts opens connections',
};
