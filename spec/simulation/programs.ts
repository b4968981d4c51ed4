import type { Mode } from '../../contract/choice-file.ts';
import { suspension } from './actor.ts';
import { useOf } from './identity.ts';
import type { ChoiceRun } from './observer.ts';
import { paths } from './paths.ts';
import type { Process, World } from './world.ts';

/** What a process can do before it ends. */
export const actions = ['count', 'persist', 'flush', 'flush and wait', 'work'] as const;
export type Action = (typeof actions)[number];

const endpoint = 'https://ingest.example/v1/events';
const waitMs = 1_000;

/** A host of our library: does these things, then ends by `process.exit`. */
export function startHost(world: World, script: readonly Action[]): Process {
  return world.start(`host (${script.join(', ')})`, async (process) => {
    const note = (what: string, observe: () => void): void => world.run.look(what, observe);
    const writing = (): void => {
      note('writing', () => {
        world.observer.noteWriting(process);
      });
    };
    const written = (): void => {
      note('written', () => {
        world.observer.noteWritten(process);
      });
    };
    const telemetry = world.production.openTelemetry({
      version: '1.6.1',
      endpoint,
      paths,
      now: () => world.run.look('clock', () => world.nowMs),
    });
    for (const action of script) {
      switch (action) {
        case 'count': {
          const identity = world.run.look('count', () => world.observer.noteCount(process));
          const { name, client } = useOf(identity);
          telemetry.count('mcp_tool', name, { client });
          note('counted', () => {
            world.observer.noteCounted(identity);
          });
          break;
        }
        case 'persist':
          writing();
          telemetry.persist();
          written();
          break;
        case 'flush':
          writing();
          telemetry.flush().catch((error: unknown) => {
            if (error !== suspension) world.observer.faults.push(`flush: ${String(error)}`);
          });
          written();
          break;
        case 'flush and wait':
          writing();
          await telemetry.flush({ timeoutMs: waitMs });
          written();
          break;
        case 'work':
          await world.run.pause(() => world.nowMs);
          break;
      }
    }
    writing();
    world.run.process.emit('exit', 0);
    written();
    world.run.end();
  });
}

/** `codegraph telemetry off`, or another choice. */
export function startChoice(world: World, wish: Mode): Process {
  return world.start(`telemetry ${wish}`, async () => {
    const choice = world.run.look('begin', () => {
      const begun: ChoiceRun = { wish, startedAt: world.moment, endedAt: Infinity, ok: false };
      world.observer.choices.push(begun);
      return begun;
    });
    const overrides = { doNotTrack: undefined, codegraphTelemetry: undefined, hasFlag: false };
    const watch = new world.production.ConsentWatch(overrides, paths);
    const { ok } = world.production.choose(watch, wish);
    world.run.look('end', () => Object.assign(choice, { ok, endedAt: world.moment }));
    world.run.end();
    return Promise.resolve();
  });
}
