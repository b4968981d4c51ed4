import xterm from '@xterm/headless';
import { days, log, now, show, status } from '../../spec/support/views.ts';
import { formatUsage } from '../../src/command/telemetry/format-usage.ts';
import { formatLog } from '../../src/command/telemetry/log.ts';
import type { Screen } from '../../src/screen.ts';
import { formatShow } from '../../src/command/telemetry/show.ts';
import { formatStatus } from '../../src/command/telemetry/status.ts';
import { addUp } from '../../src/command/telemetry/usage.ts';
import { drawFrames, type Frame, takeFrame } from './terminal-svg.ts';

const views: Readonly<Record<string, (screen: Screen) => string>> = {
  status: (screen) => formatStatus(status, screen, now),
  show: (screen) => formatShow(show, screen),
  log: (screen) => formatLog(log, screen),
  usage: (screen) => formatUsage(addUp(days, { days: 7, by: 'command' }, now), screen),
};

/** The views of `codegraph telemetry`, each in a terminal of 80 and one of 40 columns, by file. */
export async function drawViews(): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>();
  for (const [name, format] of Object.entries(views)) {
    const command = `codegraph telemetry ${name}`;
    const frames = [await playText(80, command, format), await playText(40, command, format)];
    const title = `${command} at 80 and at 40 columns`;
    pictures.set(`docs/${name}.svg`, drawFrames(frames, title));
  }
  return pictures;
}

/** What stands in a terminal after the command, with the colours that it has there. */
async function playText(
  columns: number,
  command: string,
  format: (screen: Screen) => string,
): Promise<Frame> {
  const text = format({ columns, hasColor: true, timeZone: 'Europe/Berlin' });
  const terminal = new xterm.Terminal({ cols: columns, rows: 200, allowProposedApi: true });
  await new Promise<void>((resolve) => {
    terminal.write(`$ ${command}\n${text}`.replaceAll('\n', '\r\n'), resolve);
  });
  return takeFrame(terminal);
}
