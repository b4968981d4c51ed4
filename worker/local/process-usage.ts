import { readdirSync, readFileSync } from 'node:fs';

// The kernel counts in hundredths of a second on every Linux that Node runs on.
const msPerTick = 10;

/** The process id of the workerd that this process started. Linux only. */
export function findWorkerd(): number {
  const found = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8').includes('workerd')),
  );
  const [pid] = found;
  if (pid === undefined) throw new Error('no workerd among the children of this process');
  return Number(pid);
}

/** Processor time of a process so far, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

export function residentMbOf(pid: number): number {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kb) / 1024);
}
