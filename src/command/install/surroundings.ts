import { homedir } from 'node:os';
import type { Surroundings } from './agent-folders.ts';

/**
 * This process's own.
 *
 * @throws what `homedir` throws for a user without a home.
 */
export function readSurroundings(): Surroundings {
  const { env, platform } = process;
  return { home: homedir(), project: process.cwd(), env, platform };
}
