/** The process of a run, and what it has started, as the job of a worker. */

import { killMarked, type ChildGroup } from '../platform/child-group.ts';
import { RUN_ENTRY } from '../platform/handed-run.ts';
import { findProcesses, useOfProcess } from '../platform/process-use.ts';
import type { RunningJob } from './infrastructure.ts';

export function processJob(runId: string, group: ChildGroup, host: string): RunningJob {
  const { pid } = group;
  return {
    place: `${host}:${pid}`,
    name: `process ${pid ?? '?'}`,
    facts: { pid },
    ended: group.ended,
    read: group.read,
    signal(name) {
      group.signal(name);
      if (name === 'SIGKILL') killMarked(RUN_ENTRY, runId, pid);
    },
    clear() {
      // What it has left behind in its group has lost its run.
      group.signal('SIGKILL');
      return Promise.resolve(clearProcesses(runId, pid));
    },
    use: () => (pid === null ? null : useOfProcess(pid)),
  };
}

/**
 * Ends by force what is left of the group, and what has left it but carries the run's mark.
 * Answers what is still there.
 */
export function clearProcesses(runId: string, group: number | null = null): readonly string[] {
  killMarked(RUN_ENTRY, runId, group);
  return processesNamed(findProcesses(RUN_ENTRY, runId, group));
}

export function processesNamed(pids: readonly number[]): readonly string[] {
  return pids.map((pid) => `process ${pid}`);
}
