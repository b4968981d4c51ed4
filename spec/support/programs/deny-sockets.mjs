// A preload: no socket may be connected, in this process and its threads.
import { Socket } from 'node:net';
import { intoThreads } from './into-threads.mjs';

Socket.prototype.connect = () => {
  throw Object.assign(new Error('EPERM: operation not permitted, socket'), { code: 'EPERM' });
};

intoThreads(import.meta.url);
