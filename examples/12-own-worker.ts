/**
 * A worker of your own: it starts runs, says how they end, and ends them. The rest (taking runs, leases, logs,
 * cancelling in stages, what a crash leaves) is the same for every worker. This one runs each run at a low priority.
 *
 * $ npx ostinato worker start --pool night --type examples/12-own-worker.ts
 *
 * The pool is made with it, and knows its variables.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { Job, JobEnd, JobHearing, RunningJob, WorkerKind } from 'ostinato';

export default {
  type: 'nice',
  // What deployments may say of their jobs.
  variables: {
    niceness: { type: 'integer', minimum: 0, maximum: 19, default: 10, description: 'As for the command nice.' },
  },
  open: () => ({ start }),
} satisfies WorkerKind;

function start({ command, environment, variables }: Job, { onLine }: JobHearing): Promise<RunningJob> {
  const niceness = Number(variables['niceness'] ?? 10);
  const child = spawn('nice', ['-n', String(niceness), ...command], {
    // A group of its own: a signal reaches all that the run has started.
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  createInterface(child.stdout).on('line', (line) => onLine(line, 'stdout'));
  createInterface(child.stderr).on('line', (line) => onLine(line, 'stderr'));
  const ended = new Promise<JobEnd>((resolve) => {
    child.once('error', ({ message }) => resolve({ exitCode: null, signal: null, problem: message }));
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, problem: null }));
  });
  return Promise.resolve({
    place: `nice:${child.pid}`,
    name: `process ${child.pid}`,
    ended,
    read: new Promise((resolve) => child.once('close', () => resolve())),
    signal(name) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // It is not there any more.
      }
    },
  });
}
