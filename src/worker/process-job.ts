/** The process of a run, and what it has started, as the job of a worker. */

import { killMarked, type ChildGroup } from '../platform/child-group.ts';
import { TAKING_ENTRY, takingOf } from '../platform/handed-run.ts';
import { findProcesses, useOfProcess } from '../platform/process-use.ts';
import type { RunningJob } from './infrastructure.ts';
import type { TakenRun } from './worker.ts';

export function processJob(run: TakenRun, group: ChildGroup, host: string): RunningJob {
  const { pid } = group;
  return {
    place: `${host}:${pid}`,
    name: `process ${pid ?? '?'}`,
    facts: { pid },
    ended: group.ended,
    read: group.read,
    signal(name) {
      group.signal(name);
      if (name === 'SIGKILL') killMarked(TAKING_ENTRY, takingOf(run), pid);
    },
    clear() {
      // What it has left behind in its group has lost its run.
      group.signal('SIGKILL');
      return Promise.resolve(clearProcesses(run, pid));
    },
    use: () => (pid === null ? null : useOfProcess(pid)),
  };
}

/**
 * Ends by force what is left of the group, and what has left it but carries the mark of this taking of the run: the run
 * may be another worker's of this machine by now. Answers what is still there.
 */
export function clearProcesses(run: TakenRun, group: number | null = null): readonly string[] {
  killMarked(TAKING_ENTRY, takingOf(run), group);
  return processesNamed(findProcesses(TAKING_ENTRY, takingOf(run), group));
}

export function processesNamed(pids: readonly number[]): readonly string[] {
  return pids.map((pid) => `process ${pid}`);
}
