import { readdirSync, readFileSync } from 'node:fs';

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

/** Processor time of all threads of a process so far, in milliseconds. Linux only. */
export function cpuMsOf(pid: number): number {
  const folder = `/proc/${pid}/task`;
  // In nanoseconds; the file `stat` has hundredths of a second.
  const times = readdirSync(folder).map((thread) =>
    Number.parseInt(readFileSync(`${folder}/${thread}/schedstat`, 'utf8'), 10),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}
