/** `ostinato worker start`, `ostinato agent start`: the worker with this machine's processes, clock and settings. */

import { deploymentsOf } from '../client/control/deployments.ts';
import { ControlPlane } from '../client/control/plane.ts';
import { poolsOf } from '../client/control/pools.ts';
import { workPoolsOf } from '../client/control/work-pools.ts';
import { httpWire } from '../client/http/control-wire.ts';
import { openDueChannel } from '../client/http/due-channel.ts';
import { Transport } from '../client/http/transport.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ProcessId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { createClock } from '../platform/clock.ts';
import { createIdSource } from '../platform/ids.ts';
import { packageVersion } from '../platform/package-version.ts';
import { describeThisProcess } from '../platform/process-liveness.ts';
import { systemRandom } from '../platform/random.ts';
import type { SettingValues } from '../platform/settings.ts';
import { addressOf, openHttpHome } from '../sdk/open-http.ts';
import { serverToAsk } from '../sdk/server-to-ask.ts';
import { whileAway } from '../sdk/while-away.ts';
import { RunSupervisor } from '../worker/run-supervisor.ts';
import { serveStatus, type StatusServer } from '../platform/status-server.ts';
import { tellNews } from '../worker/run-news.ts';
import { WorkerNews } from '../worker/worker-news.ts';
import { tellProcessEnd } from '../client/control/claim-run.ts';
import { healthOf, metricsOf, type WorkerFigures } from '../worker/worker-status.ts';
import { Worker, type WorkerEars, type WorkerOptions } from '../worker/worker.ts';
import type { WorkerStartOptions } from './commands/worker.ts';
import { showClock } from './format.ts';
import { warnings } from './open-client.ts';
import { chooseKind } from './worker-kinds.ts';
import { jobWork, processWork } from './worker-work.ts';
import { loadSettings } from './settings.ts';
import { workWithoutOutput, type Terminal } from './terminal.ts';
import { oneLine } from './text-width.ts';

/** Processes that stand ready when it is not said how many. */
const SPARE = 1;
/** Source: Prefect 3, `PREFECT_WORKER_PREFETCH_SECONDS`. */
const PREFETCH_SECONDS = 10;

export async function startWorker(terminal: Terminal, options: WorkerStartOptions): Promise<void> {
  const { values } = loadSettings(terminal);
  const clock = createClock();
  const apiUrl = serverToAsk(values, clock.now(), 'A worker');
  workWithoutOutput();
  const ids = createIdSource();
  const processId = ids.next<ProcessId>();
  const home = openHttpHome({ apiUrl, values, clock, ids, processId, onNotice: warnings(terminal) });
  const say = sayerOn(terminal, values, clock);
  const patience = { clock, secondsMax: options.runOnce === true ? 0 : Infinity };
  const client = await whileAway({ ...patience, tell: (message) => say(LOG_LEVELS.warning, message) }, () =>
    home.connect(),
  );
  const plane = openPlane(values, apiUrl, clock, ids);
  const [pools, deployments] = [workPoolsOf(plane), deploymentsOf(plane)];
  const mark = describeThisProcess();
  const record = { ...mark, id: processId, command: process.argv.slice(1).join(' '), startedAt: clock.now() };
  const address = addressOf(apiUrl);
  const server = { url: address.apiUrl, authString: values.apiAuthString ?? address.authString, key: values.apiKey };
  const name = options.name ?? `ostinato ${mark.host} ${mark.pid}`;
  const { pool } = options;
  // One that ends with what is due now needs none.
  const spare = Math.min(options.spare ?? (options.runOnce === true ? 0 : SPARE), options.limit);
  const poolClient = poolsOf(plane);
  const poolType = (await poolClient.readPool(pool))?.plain.type ?? null;
  const base = terminal.workingDirectory;
  const { kind, type, template } = await chooseKind({ said: options.type, pool, poolType, base, clock });
  const parts = { terminal, values, client, plane, pools: poolClient, deployments, server, clock, mark, pool, say };
  const work = await (kind === null
    ? processWork({ ...parts, worker: name, spare })
    : jobWork(kind, { ...parts, worker: name, spare: 0 }));
  const { noun, start, clearUnstarted, check } = work;
  const supervision = {
    client,
    noun,
    start,
    clearUnstarted,
    recover: () => home.recover(),
    tellEnd: (told: Parameters<typeof tellProcessEnd>[1]) => tellProcessEnd(plane, told),
    tell: tellNews(plane, ids),
    clock,
    ids,
    ownProcess: processId,
    host: mark.host,
    say,
    print: ({ name }: { readonly name: string }, line: string): void =>
      terminal.out(`${terminal.style('gray', `${oneLine(name)} |`)} ${line}\n`),
  };
  const orphans = work.orphans({
    tell: supervision.tell,
    adopt: (run, begin) => worker.adopt(run, new RunSupervisor(run, { ...supervision, start: begin })),
  });
  const how = workerOptions(name, options);
  const { queues } = how;
  const worker: Worker = new Worker(how, {
    pools,
    processId,
    orphans,
    clock,
    say,
    check,
    supervise: (run) => new RunSupervisor(run, supervision),
    listen: (ears) => listenForRuns(server, { ...how, clock }, ears),
    async beat() {
      const { isRegistered, cancelling } = await client.beat(processId);
      if (!isRegistered) await client.registerProcess({ ...record, heartbeatAt: clock.now() });
      return cancelling;
    },
  });
  const news = new WorkerNews({ plane, clock, ids, pools: poolClient, pool, name, type });
  let status: StatusServer | null = null;
  const stop = (): void => worker.stop();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  try {
    await pools.ensure(pool, queues, type, template);
    await news.started();
    const what = queues.length === 0 ? `pool ${pool}` : `${queues.join(', ')} of pool ${pool}`;
    say(
      LOG_LEVELS.info,
      `${name} takes the runs of ${what}, at most ${options.limit} at a time; where the server does not tell what is due it is asked every ${options.poll} s; runs are prepared ${how.prefetchSeconds} s before their time, and have ${options.drain} s at the worker's end${kind === null ? `; ${spare} spare process(es) stand ready${values.workerWarmPython ? ', and after the first run in Python a process stands ready for Python' : ''}` : `; each in a job of the type ${type}`}.`,
    );
    if (options.status !== undefined) {
      status = await serveWorkerStatus(options.status, () => ({ ...worker.figures, spare: work.spareCount() }));
      say(LOG_LEVELS.info, `${name} says how it is at ${status.url}/health and ${status.url}/metrics.`);
    }
    if (options.runOnce === true) await worker.runOnce();
    else await worker.serve();
    say(LOG_LEVELS.info, `${name} has ended.`);
  } finally {
    await work.end();
    await status?.close();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    const ended = Promise.resolve(client.endProcess(processId)).catch((error: unknown) => {
      // Its row goes when the next one looks.
      if (!OstinatoError.is(error)) throw error;
    });
    await Promise.all([ended, news.stopped(worker.figures.isAnswered)]);
    await client.close();
  }
}

function workerOptions(name: string, options: WorkerStartOptions): WorkerOptions {
  const { pool, limit, runOnce = false } = options;
  return {
    name,
    pool,
    queues: options.workQueue ?? [],
    limit,
    pollSeconds: options.poll,
    // What is due now is all that it takes then, unless it is said.
    prefetchSeconds: options.prefetchSeconds ?? (runOnce ? 0 : PREFETCH_SECONDS),
    drainSeconds: options.drain,
  };
}

function sayerOn(terminal: Terminal, { logLevel }: SettingValues, clock: Clock) {
  return (level: number, message: string): void => {
    if (level < LOG_LEVELS[logLevel]) return;
    const colour = level >= LOG_LEVELS.error ? 'red' : level >= LOG_LEVELS.warning ? 'yellow' : 'dim';
    terminal.err(
      `${terminal.styleErr('gray', showClock(clock.now()))}  ${terminal.styleErr(colour, oneLine(message))}\n`,
    );
  };
}

function serveWorkerStatus(port: number, read: () => WorkerFigures): Promise<StatusServer> {
  return serveStatus(port, {
    '/health': () => {
      const { status, body } = healthOf(read());
      return { status, type: 'application/json', text: JSON.stringify(body) };
    },
    '/metrics': () => ({ status: 200, type: 'text/plain; version=0.0.4', text: metricsOf(read()) }),
  });
}

interface ListenPlace extends Pick<WorkerOptions, 'pool' | 'queues' | 'prefetchSeconds'> {
  readonly clock: ReturnType<typeof createClock>;
}

function listenForRuns(
  server: { readonly url: string; readonly authString: string | null; readonly key: string | null },
  { pool, queues, prefetchSeconds, clock }: ListenPlace,
  { onDue, onCancelling, onListening }: WorkerEars,
) {
  return openDueChannel({
    apiUrl: server.url,
    secret: server.authString ?? server.key,
    listenFor: { type: 'listen', work_pool: pool, work_queues: [...queues], prefetch_seconds: prefetchSeconds },
    clock,
    connect: (url, protocol) => new WebSocket(url, protocol),
    onDue,
    onCancelling,
    onListening,
  });
}

function openPlane(
  values: SettingValues,
  url: string,
  clock: ReturnType<typeof createClock>,
  ids: ReturnType<typeof createIdSource>,
): ControlPlane {
  const { apiUrl, authString } = addressOf(url);
  const transport = new Transport({
    apiUrl,
    authString: values.apiAuthString ?? authString,
    apiKey: values.apiKey,
    timeoutSeconds: values.apiTimeoutSeconds,
    version: packageVersion(),
    clock,
    ids,
    random: systemRandom,
    fetch,
  });
  return new ControlPlane(httpWire('ostinato', { transport, patienceMs: values.apiTimeoutSeconds * 1000 }));
}
