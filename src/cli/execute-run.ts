/** `ostinato flow-run execute`: runs a run that was asked for, in this process. */

import type { OstinatoClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun, RunLease } from '../core/flow-run.ts';
import { isTerminal } from '../core/state.ts';
import { createClock } from '../platform/clock.ts';
import { claimOutputMark } from '../platform/output-mark.ts';
import { killMarked } from '../platform/child-group.ts';
import { takeHandedLease, TAKING_ENTRY } from '../platform/handed-run.ts';
import { askedParameters } from '../sdk/asked-parameters.ts';
import { startAsked, type ExportedFlow } from '../sdk/flow-file.ts';
import { currentPorts } from '../sdk/runtime.ts';
import { whileAway } from '../sdk/while-away.ts';
import type { ExecuteOptions } from './commands/flow-run-execute.ts';
import { loadFlow } from './deployment-file/check-flow.ts';
import { findFlowRun } from './find-run.ts';
import { withClient } from './open-client.ts';
import { withPlane } from './open-plane.ts';
import { endLingering, finishRun, keepStdoutForJson } from './run-outcome.ts';
import { workWithoutOutput, type Terminal } from './terminal.ts';

/** So long a run's own process waits for its server before it begins. */
const AWAY_SECONDS = 600;

export async function executeRun(terminal: Terminal, word: string, options: ExecuteOptions): Promise<void> {
  workWithoutOutput();
  try {
    await execute(terminal, word, options);
  } finally {
    // Also where it has failed: the body of a run that went to others, or a file half loaded, may go on for ever.
    endLingering(terminal);
  }
}

async function execute(terminal: Terminal, word: string, options: ExecuteOptions): Promise<void> {
  // What this command itself says is no output of the flow.
  claimOutputMark(process.env);
  const handedOver = takeHandedLease(process.env);
  // Where the flow is was said by whoever started this process: its file is read while the server answers.
  const reading =
    handedOver === null || options.entrypoint === undefined ? null : readFlow(terminal, options.entrypoint);
  // A server that is away is waited for: nobody else begins a run that this process was started for.
  const finding = whileAway(
    {
      clock: createClock(),
      secondsMax: handedOver === null ? 0 : AWAY_SECONDS,
      tell: (message) => terminal.err(`${message}\n`),
    },
    async () => {
      // By the client that will run it: a second one would greet the server, too.
      if (handedOver !== null) return await findWaiting((await currentPorts()).client, word, handedOver);
      return await withClient(terminal, ({ client }) => findWaiting(client, word, handedOver), {
        lookAfterLostRuns: false,
      });
    },
  );
  const [run, read] = await Promise.all([finding, reading]);
  if (handedOver !== null) endWithAllThatItStarted(run);
  if (options.output === 'json') keepStdoutForJson();
  const { flow } = read ?? (await readFlowOf(terminal, run, options.entrypoint));
  const asked = { parameters: askedParameters(run, flow), handedOver };
  await finishRun(terminal, startAsked(flow, run, asked).future, options.output);
}

/** Its worker may be gone by then. By its name it is known as the process of its run. */
function endWithAllThatItStarted({ id }: FlowRun): void {
  process.title = `ostinato ${id}`;
  const taking = process.env[TAKING_ENTRY];
  if (taking !== undefined) process.once('exit', () => killMarked(TAKING_ENTRY, taking, process.pid));
}

async function findWaiting(client: OstinatoClient, word: string, handedOver: RunLease | null): Promise<FlowRun> {
  const run = await findFlowRun(client, word);
  const isWaiting = run.state.type === 'SCHEDULED' || run.state.type === 'PENDING';
  if (isWaiting && (run.lease === null || handedOver !== null)) return run;
  throw new OstinatoError('conflict', `Flow run ${run.name} does not wait to be run: it is ${run.state.name}.`, {
    remedy: isTerminal(run.state)
      ? `Go on with it: ostinato flow-run retry ${run.id}`
      : `Look at it with: ostinato flow-run inspect ${run.id}`,
  });
}

function readFlow(terminal: Terminal, entrypoint: string): Promise<ExportedFlow> {
  return loadFlow(entrypoint, terminal.workingDirectory);
}

async function readFlowOf(terminal: Terminal, run: FlowRun, entrypoint: string | undefined): Promise<ExportedFlow> {
  if (entrypoint !== undefined) return await readFlow(terminal, entrypoint);
  const id = run.submission?.deploymentId ?? null;
  const deployment =
    id === null
      ? null
      : await withPlane(terminal, async ({ deployments }) => (await deployments.ofRun(run.id, id))?.deployment ?? null);
  if (deployment?.entrypoint)
    return await loadFlow(deployment.entrypoint, deployment.path ?? terminal.workingDirectory);
  throw new OstinatoError('entrypoint-unusable', `Nothing says where the flow of run ${run.name} is.`, {
    remedy: 'Say where it is: --entrypoint FILE:EXPORT',
  });
}
