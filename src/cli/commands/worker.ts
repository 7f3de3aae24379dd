import { InvalidArgumentError, type Command } from 'commander';

import { AGENT_POOL_NAME } from '../../core/work-pool.ts';
import { PREFETCH_SECONDS_MAX } from '../../core/work-pool-rules.ts';
import { collect, parseLimit, parseName, parsePort, parseSeconds } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { parseSpan } from '../spans.ts';
import type { Terminal } from '../terminal.ts';

export interface WorkerListOptions extends OutputOptions {
  readonly pool?: string;
  readonly limit: number;
}

export interface WorkerStartOptions {
  readonly pool: string;
  /** Default: as the pool says. */
  readonly type?: string;
  readonly workQueue?: readonly string[];
  readonly name?: string;
  readonly limit: number;
  /** Seconds. */
  readonly poll: number;
  /** Seconds. */
  readonly drain: number;
  readonly prefetchSeconds?: number;
  /** Processes. */
  readonly spare?: number;
  /** A port of this machine; 0: a free one. */
  readonly status?: number;
  readonly runOnce?: boolean;
}

const LIMIT = 10;
const POLL_SECONDS = 2;
const POLL_SECONDS_MIN = 0.1;
const DRAIN_SECONDS = 30;
const SPARE_MAX = 100;

export function define(command: Command, terminal: Terminal): void {
  const word = command.name();
  if (word === 'worker') defineList(command, terminal);
  const start = command
    .command('start')
    .description('Take the runs of deployments that are due, and run each in a process or container of its own.');
  start
    .option('-p, --pool <name>', 'the work pool', parseName, AGENT_POOL_NAME)
    .option('-t, --type <type>', 'process, docker, or a file of your own; default: as the pool says', parseName)
    .option('-q, --work-queue <name>', 'only this queue of the pool; repeat it for several', collect)
    .option('-n, --name <name>', 'what the worker is called; default: by machine and process', parseName)
    .option('--limit <count>', 'runs at a time, at most', parseLimit, LIMIT)
    .option('--poll <time>', 'how often the server is asked while it does not tell', parsePoll, POLL_SECONDS)
    .option(
      '--prefetch-seconds <count>',
      'how long before its time a run is taken, to be prepared (default: 10; 0: not at all)',
      parsePrefetch,
    )
    .option('--drain <time>', 'at the end, how long runs may take to finish by themselves', parseSpan, DRAIN_SECONDS)
    .option('--spare <count>', 'processes that stand ready (default: 1; 0: none)', parseSpare)
    .option('--status <port>', 'serve /health and /metrics (Prometheus) on this machine', parsePort)
    .option('--run-once', 'take what is due now, wait for it, and end')
    .action(async (options: WorkerStartOptions) => {
      // Loaded here: help and completion need no client.
      const { startWorker } = await import('../start-worker.ts');
      await startWorker(terminal, options);
    });
  addExamples(start, [
    [`ostinato ${word} start -q default`, 'the runs of one queue, until Ctrl-C'],
    [`ostinato ${word} start -p reports --limit 2`, 'of another pool, two at a time'],
    [`ostinato ${word} start -p harbour --type docker`, 'in containers; the pool is made if it is not there'],
    [`ostinato ${word} start --run-once`, 'for a job of cron or of a container'],
  ]);
  start.addHelpText(
    'after',
    `
The server (OSTINATO_API_URL) tells it what is due, at its time, over a socket.
Where it does not, it is asked every --poll: a run begins at most so long after
its time. Of several workers, one gets each run.

A run that is due soon is taken --prefetch-seconds before its time: its code is
pulled, its environment made and its process started; it begins at its time.
Where a limit counts it, or another run of its schedule is under way, it is
taken at its time.

The type of the pool says in what: process, docker (each run in a container of
the engine at DOCKER_HOST), or the file of a worker of your own (--type FILE).

Of the type process, each run has a process of its own, for itself alone. So
that none has to wait for Node to start, --spare of them stand ready, with this
program loaded and nothing else. Runs whose environment says something to Node
itself (NODE_…, LD_…, PATH, TZ), and those in Python, are started as they come.

SIGTERM and Ctrl-C: nothing more is taken, and what runs may finish within
--drain; then its processes are asked to end. The second signal asks at once.
When the worker itself is killed, what it has started goes on, and what it had
only taken is given to another.
`,
  );
}

function parsePrefetch(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds > PREFETCH_SECONDS_MAX)
    throw new InvalidArgumentError(`It must be a number of seconds from 0 to ${PREFETCH_SECONDS_MAX}.`);
  return seconds;
}

function parseSpare(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > SPARE_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${SPARE_MAX}.`);
  return Number(text);
}

function parsePoll(text: string): number {
  const seconds = parseSpan(text);
  if (seconds < POLL_SECONDS_MIN) throw new InvalidArgumentError('It must be 0.1 s or more.');
  return seconds;
}

const SHOWN = 200;

function defineList(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List workers, the one that was heard of last first.');
  list
    .option('-p, --pool <name>', 'only those of this work pool', parseName)
    .option('--limit <count>', 'how many of each pool, at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async (options: WorkerListOptions) => {
      const { listWorkers } = await import('../work-pools.ts');
      await listWorkers(terminal, options);
    });
  addExamples(list, [['ostinato worker ls --pool reports', 'of one pool']]);
}
