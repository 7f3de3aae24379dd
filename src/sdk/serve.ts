/** `serve(…)` and `flow.serve(…)`: a program that runs its own deployments, without worker or pool. */

import type { DeploymentClient } from '../client/control/deployments.ts';
import { describe } from '../client/control/describe-schedule.ts';
import { openDueChannel } from '../client/http/due-channel.ts';
import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { shellWord } from '../core/shell-word.ts';
import type { Clock, Instant } from '../core/time.ts';
import { StopReason } from '../engine/cancellation.ts';
import type { EnginePorts } from '../engine/ports.ts';
import { currentFrame } from '../engine/run-context.ts';
import { supervisorOf } from '../engine/supervisor.ts';
import { takenRun, takeRun } from '../engine/take-run.ts';
import { createClock } from '../platform/clock.ts';
import { resolveSettings } from '../platform/settings.ts';
import { askedParameters } from './asked-parameters.ts';
import { checker, isBoolean } from './check-options.ts';
import type { Deployed } from './deploy-options.ts';
import { isCount, type DeploymentDefinition } from './deployment-definition.ts';
import { registerDeployment } from './register-deployment.ts';
import { currentPorts, recordAt } from './runtime.ts';
import { serverToAsk } from './server-to-ask.ts';
import { addressOf } from './open-http.ts';
import { ServedRuns, type ServedRunsEars } from './served-runs.ts';
import { isServing, whileServing } from './serving.ts';
import type { ServeOptions } from './serve-options.ts';
import { whileAway } from './while-away.ts';

const LIMIT = 10;
const POLL_SECONDS = 2;
const POLL_SECONDS_MIN = 0.1;
const DRAIN_SECONDS = 30;
/** Milliseconds for an answer that says nothing. */
const KNOCK_MS_MAX = 10_000;
/** Milliseconds for a server that has just answered to take the channel. */
const GREETED_MS_MAX = 30_000;

interface Served {
  readonly definition: DeploymentDefinition;
  readonly applied: Deployed;
}

export async function serveDeployments(
  definitions: readonly DeploymentDefinition[],
  options: ServeOptions,
): Promise<void> {
  const { limit, pauseOnShutdown, drainSeconds, pollSeconds } = checked(definitions, options);
  if (currentFrame() !== undefined)
    throw new OstinatoError('bad-input', 'serve() was called inside a run.', {
      remedy: 'Call it at the top level of a program; inside a run, call the flow itself or runDeployment().',
    });
  if (isServing())
    throw new OstinatoError('conflict', 'This process serves deployments already.', {
      remedy: 'Serve all of them with one call: serve(a.toDeployment(…), b.toDeployment(…)).',
    });
  const { values } = resolveSettings();
  const apiUrl = serverToAsk(values, createClock().now(), 'serve()');
  if (values.apiUrl === null) recordAt(apiUrl);
  const stopped = new AbortController();
  const release = whileServing(() => stopped.abort());
  try {
    const ports = await currentPorts();
    const say = (level: number, message: string): void => {
      for (const observer of ports.observers) observer.noticed?.(level, message);
    };
    if (!(await answers(apiUrl, ports.clock, say, stopped.signal)))
      return say(LOG_LEVELS.info, 'Serving has ended: the server never answered.');
    const served = await register(ports, definitions, say);
    const runs = new ServedRuns({ limit, pollSeconds, drainSeconds }, portsOf(ports, apiUrl, served, say));
    stopped.signal.addEventListener('abort', () => runs.stop(), { once: true });
    if (stopped.signal.aborted) runs.stop();
    say(
      LOG_LEVELS.info,
      `At most ${limit} at a time; where the server does not tell what is due it is asked every ${pollSeconds} s. Ctrl-C ends in good order, a second one at once.`,
    );
    await runs.serve();
    if (pauseOnShutdown) await pauseAll(ports, served, say);
    await runs.drain();
    say(LOG_LEVELS.info, 'Serving has ended.');
  } finally {
    release();
  }
}

function checked(definitions: readonly DeploymentDefinition[], options: ServeOptions): Required<ServeOptions> {
  const check = checker('serve()', options);
  check('limit', isCount, 'a whole number, 1 or more');
  check('pauseOnShutdown', isBoolean, 'true or false');
  check('drainSeconds', (value) => typeof value === 'number' && value >= 0, 'a number of seconds, 0 or more');
  check(
    'pollSeconds',
    (value) => typeof value === 'number' && value >= POLL_SECONDS_MIN,
    `a number of seconds, ${POLL_SECONDS_MIN} or more`,
  );
  if (definitions.length === 0)
    throw new OstinatoError('bad-input', 'serve() was given no deployments.', {
      remedy: 'Give it some: serve(a.toDeployment({ … }), b.toDeployment({ … })).',
    });
  const names = definitions.map(nameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new OstinatoError('bad-input', `serve() was given the deployment ${twice} twice.`, {
      remedy: 'Give each one a name of its own: toDeployment({ name: … }).',
    });
  const { limit = LIMIT, pauseOnShutdown = true, drainSeconds = DRAIN_SECONDS, pollSeconds = POLL_SECONDS } = options;
  return { limit, pauseOnShutdown, drainSeconds, pollSeconds };
}

function nameOf({ flow, name }: DeploymentDefinition): string {
  return `${flow.flowName}/${name}`;
}

type Say = (level: number, message: string) => void;

/** Waits until the server does. `false`: the program was told to end before. */
async function answers(apiUrl: string, clock: Clock, say: Say, signal: AbortSignal): Promise<boolean> {
  const tell = (message: string): void => say(LOG_LEVELS.warning, message);
  try {
    await whileAway({ clock, secondsMax: Infinity, tell, signal }, () => knock(apiUrl, signal));
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}

/** Whether anything answers there: what it says is found out by the first question. @throws `server-unavailable` */
async function knock(apiUrl: string, signal: AbortSignal): Promise<void> {
  const address = addressOf(apiUrl).apiUrl;
  try {
    const late = AbortSignal.timeout(KNOCK_MS_MAX);
    await (await fetch(`${address}/health`, { signal: AbortSignal.any([signal, late]) })).body?.cancel();
  } catch (cause) {
    throw new OstinatoError('server-unavailable', `The server at ${address} does not answer.`, {
      cause,
      remedy: 'Is it started? ostinato server start --background',
    });
  }
}

async function register(
  ports: EnginePorts,
  definitions: readonly DeploymentDefinition[],
  say: Say,
): Promise<ReadonlyMap<string, Served>> {
  const { deployments } = ports.client.control;
  const served = new Map<string, Served>();
  for (const definition of definitions) {
    const applied = await registerServed(deployments, definition, ports.clock.now());
    served.set(applied.id, { definition, applied });
    const what = applied.isNew ? 'made now' : applied.changes.length > 0 ? 'brought up to date' : 'as before';
    const { plain } = (await deployments.read(applied.id)) ?? { plain: null };
    const times = (plain?.schedules ?? []).filter(({ active }) => active).map(({ schedule }) => describe(schedule));
    say(
      LOG_LEVELS.info,
      `Serving ${nameOf(definition)} (${what})${times.length === 0 ? '' : `, by itself: ${times.join('; ')}`}. Run it: ostinato deployment run ${shellWord(nameOf(definition))}`,
    );
  }
  return served;
}

/**
 * Its last end has paused it; what a person has paused is a schedule, or said by `paused`. So that is nothing that was
 * changed by hand, and is no version either.
 */
async function registerServed(
  deployments: DeploymentClient,
  definition: DeploymentDefinition,
  now: Instant,
): Promise<Deployed> {
  const { flow, name, options } = definition;
  const { paused = false, ...others } = options;
  const there = await deployments.find(flow.flowName, name);
  if (there === null) return await registerDeployment(deployments, definition, now, { paused });
  const applied = await registerDeployment(deployments, { ...definition, options: others }, now);
  if (there.plain.paused !== paused) await deployments[paused ? 'pause' : 'resume'](applied.id);
  return applied;
}

function portsOf(ports: EnginePorts, apiUrl: string, served: ReadonlyMap<string, Served>, say: Say) {
  const { client, clock } = ports;
  const supervisor = supervisorOf(ports);
  return {
    deployments: client.control.deployments,
    deploymentIds: [...served.keys()],
    claim: async ({ id, deploymentId }) => {
      const definition = served.get(deploymentId)?.definition.flow.definition;
      if (definition === undefined) return { refused: 'It is of a deployment that this program does not serve.' };
      const answer = await takeRun(ports, definition, definition.options.tags ?? [], { id, isQueued: true });
      return answer.status === 'accept' ? takenRun(answer) : { refused: answer.reason };
    },
    run: async ({ deploymentId }, taken) => {
      const flow = served.get(deploymentId)?.definition.flow;
      if (flow === undefined) return;
      await flow.continueRun(taken.run, { parameters: askedParameters(taken.run, flow), taken }).wait();
    },
    listen: (ears) => listenForRuns(apiUrl, [...served.keys()], clock, ears),
    stopRuns: () => supervisor.cancelAll(new StopReason('crash', 'The program that served it was told to end.')),
    clock,
    say,
  } satisfies ConstructorParameters<typeof ServedRuns>[1];
}

/** A server that has no such channel, Prefect's or an older one, is not asked for it again. */
function listenForRuns(apiUrl: string, deploymentIds: string[], clock: Clock, { onDue, onListening }: ServedRunsEars) {
  const { apiAuthString, apiKey } = resolveSettings().values;
  const address = addressOf(apiUrl);
  let hasListened = false;
  const channel = openDueChannel({
    apiUrl: address.apiUrl,
    secret: apiAuthString ?? address.authString ?? apiKey,
    listenFor: { type: 'listen', deployment_ids: deploymentIds },
    clock,
    connect: (url, protocol) => new WebSocket(url, protocol),
    onDue: (runs) => onDue(runs.map((run) => ({ ...run, deploymentId: run.deploymentId ?? '' }))),
    // Runs hear of it by the beat of this process.
    onCancelling: () => {},
    onListening: (isListening) => {
      hasListened = true;
      onListening(isListening);
    },
  });
  const late = clock.setTimer(GREETED_MS_MAX, () => hasListened || channel.close(), { unref: true });
  return {
    close() {
      late.cancel();
      channel.close();
    },
  };
}

/** So that nobody makes runs that nobody would take. */
async function pauseAll(ports: EnginePorts, served: ReadonlyMap<string, Served>, say: Say): Promise<void> {
  const { deployments } = ports.client.control;
  for (const [id, { definition }] of served) {
    try {
      await deployments.pause(id);
      say(LOG_LEVELS.info, `The schedules of ${nameOf(definition)} are paused until it is served again.`);
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      say(LOG_LEVELS.warning, `The schedules of ${nameOf(definition)} could not be paused: ${error.message}`);
    }
  }
}
