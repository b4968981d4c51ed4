import { readFileSync, statSync } from 'node:fs';
import { maxAgentConfigBytes } from '../../../contract/limits.ts';
import type { InstallScope } from '../../../contract/report/lists.ts';
import type { Surroundings } from './agent-folders.ts';
import { type Agent, type AgentId, agents } from './agents.ts';

/**
 * The agents whose MCP configuration has codegraph in it, in the order of the table. Reads one file
 * an agent; what cannot be read, or is no configuration, counts as without.
 */
export function findConfigured(scope: InstallScope, at: Surroundings): readonly AgentId[] {
  return agents.filter((agent) => isConfigured(agent, scope, at)).map(({ id }) => id);
}

function isConfigured(agent: Agent, scope: InstallScope, at: Surroundings): boolean {
  const path = agent.configFile(scope, at);
  const text = path === undefined ? undefined : readBounded(path);
  return text !== undefined && namesCodegraph(text, agent.format);
}

function readBounded(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > maxAgentConfigBytes) return undefined;
    return readFileSync(path, 'utf8');
  } catch {
    // Not for this user to read: then neither was it for the engine.
    return undefined;
  }
}

/** Whether an agent's configuration has an MCP server called codegraph. */
export function namesCodegraph(text: string, format: Agent['format']): boolean {
  switch (format) {
    case 'toml':
      return /^[ \t]*\[mcp_servers\.codegraph\]/m.test(text);
    case 'yaml':
      return blockOf(text, 'mcp_servers').some((line) => /^ {2}codegraph:/.test(line));
    default: {
      const root = parseJson(text);
      return format.some((keys) => isObject([...keys, 'codegraph'].reduce(enter, root)));
    }
  }
}

/** The lines below a top-level key. */
function blockOf(text: string, key: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trimEnd() === `${key}:`);
  if (start === -1) return [];
  const end = lines.findIndex((line, index) => index > start && /^[^\s#]/.test(line));
  return lines.slice(start + 1, end === -1 ? undefined : end);
}

function parseJson(text: string): unknown {
  for (const read of [text, withoutComments(text)]) {
    try {
      return JSON.parse(read);
    } catch {
      // With comments, the second round; else it is no JSON.
    }
  }
  return undefined;
}

/** Makes JSON of what editors take for it: comments and a last comma are taken out. */
function withoutComments(text: string): string {
  const string = String.raw`"(?:[^"\\\n]|\\.)*"`;
  const comments = new RegExp(String.raw`(${string})|//[^\n]*|/\*[^]*?\*/`, 'g');
  const lastCommas = new RegExp(String.raw`(${string})|,(?=\s*[}\]])`, 'g');
  return text
    .replace(comments, '$1')
    .replace(lastCommas, '$1')
    .replace(/^\uFEFF/, '');
}

function enter(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
