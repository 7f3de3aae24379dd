/** Sends a body's work into an isolate, and names what cannot be sent. */

import type { FlowRunId } from '../../core/ids.ts';
import { OstinatoError } from '../../core/errors.ts';
import { LOG_LEVELS } from '../../core/log.ts';
import { isSeveral } from '../alike.ts';
import type { TaskDefinition } from '../definitions.ts';
import type { FlowScope } from '../flow-scope.ts';
import type { EnginePorts } from '../ports.ts';
import { readableLists } from '../stream.ts';
import { heldTags } from '../tag-slots.ts';
import type { TaskWork } from '../task-runner.ts';
import { cannotClone, checkClonable, extractErrors, whyUnclonable } from './cloning.ts';
import { describeShare } from './distant-share.ts';
import type { Isolate } from './host.ts';
import type { RunBodyMessage, SurroundingFlow } from './protocol.ts';

/** The flow run that an isolate was told about last. */
export interface KnownFlow {
  id: FlowRunId | null;
  attempt: number;
}

export interface JobToSend {
  readonly number: number;
  readonly work: TaskWork;
  readonly flow: FlowScope | null;
  readonly tags: readonly string[];
}

/** @throws `cannot-isolate` before anything is started */
export function checkSendable({ definition, args }: TaskWork): void {
  if (definition.file === '') {
    throw new OstinatoError(
      'cannot-isolate',
      `Task "${definition.name}" is not defined in a file, so no other thread or process can load it.`,
      { remedy: "Define it at the top level of a module, or run it with isolation: 'signal'." },
    );
  }
  if (isSeveral(definition.alike)) throw severalAlike(definition);
  if (definition.alike.madeIn !== null) throw madeInBody(definition);
  args.forEach((arg, index) => checkClonable(arg, argumentName(definition, index)));
}

/** Another thread or process could mistake one for the other. */
export function severalAlike({ name, file }: TaskDefinition): OstinatoError {
  return new OstinatoError(
    'cannot-isolate',
    `${file} makes several tasks "${name}" from one source, so no other thread or process can tell which of them is meant.`,
    { remedy: 'Give each a name of its own, or pass what they differ in as an argument.' },
  );
}

/** Another thread or process evaluates modules only: what it finds under the name would be another task. */
function madeInBody({ name }: TaskDefinition): OstinatoError {
  return new OstinatoError(
    'cannot-isolate',
    `Task "${name}" is made in the body of a flow, so no other thread or process has it.`,
    { remedy: 'Define it at the top level of a module, and pass what it closes over as arguments.' },
  );
}

export function sendJob(
  isolate: Isolate,
  ports: EnginePorts,
  known: KnownFlow,
  { number, work, flow, tags }: JobToSend,
): void {
  const { definition, run, onYield } = work;
  const { args, errors } = extractErrors(work.args);
  const message: RunBodyMessage = {
    type: 'run',
    job: number,
    file: definition.file,
    taskKey: definition.taskKey,
    sourceHash: definition.sourceHash,
    args,
    errors,
    readable: readableLists(args),
    taskRun: run,
    heldTags: heldTags(ports),
    flow: surrounding(known, flow),
    transaction: describeShare(work.share ?? null, (message) => work.log(LOG_LEVELS.warning, message)),
    tags,
    captureConsole: definition.options.logPrints ?? flow?.definition.options.logPrints ?? ports.settings.captureConsole,
    streams: onYield !== null,
    process: ports.process,
    settings: ports.settings,
  };
  try {
    isolate.post(message);
  } catch (error) {
    refuseArguments(definition, args);
    if (message.flow === null || message.flow === 'same') throw error;
    isolate.post({ ...message, flow: { ...message.flow, parameters: clonableOnly(message.flow.parameters) } });
  }
  known.id = flow?.flowRun.id ?? null;
  known.attempt = flow?.flowRun.runCount ?? 0;
}

function surrounding(known: KnownFlow, flow: FlowScope | null): SurroundingFlow | 'same' | null {
  if (!flow) return null;
  if (known.id === flow.flowRun.id && known.attempt === flow.flowRun.runCount) return 'same';
  return { run: flow.flowRun, parameters: flow.parameters, root: flow.root.flowRun };
}

function refuseArguments(definition: TaskDefinition, args: readonly unknown[]): void {
  args.forEach((arg, index) => {
    const why = whyUnclonable(arg);
    if (why !== null) throw cannotClone(argumentName(definition, index), why);
  });
}

/** A parameter that cannot be cloned is missing in the run context of the isolated body; the flow itself has it. */
function clonableOnly(parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => whyUnclonable(value) === null));
}

function argumentName(definition: TaskDefinition, index: number): string {
  return `argument \`${definition.inputs.at(index)}\` of task "${definition.name}"`;
}
