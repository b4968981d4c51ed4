import { runEngine } from '../command.ts';
import type { TestHome } from '../home.ts';
import type { Launch } from './front.ts';
import { engine, front } from '../paths.ts';

/** The real engine, tapped, in a project. One engine at a time can have a project. */
export function tappedEngine(cwd: string): Launch {
  return { command: process.execPath, args: [front, 'serve', '--mcp'], env: {}, cwd };
}

/** The real engine without us, its own telemetry off. */
export function bareEngine(cwd: string): Launch {
  return { command: engine, args: ['serve', '--mcp'], env: { CODEGRAPH_TELEMETRY: '0' }, cwd };
}

/** Has the engine index the project of a home. */
export async function indexed(home: TestHome): Promise<TestHome> {
  const { code, stderr } = await runEngine(home, ['init']);
  if (code !== 0) throw new Error(`init ended with ${code}: ${stderr}`);
  return home;
}
