/** Starting a flow run: checks parameters, creates the run or takes an earlier one over, and runs it to its end. */

import { toFailureInfo } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { thrownText } from '../core/show-value.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { ProposedState } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { ValueRef } from '../core/value.ts';
import { adoptedRun } from './adoption.ts';
import { findFutures } from './arguments.ts';
import type { FlowDefinition } from './definitions.ts';
import { StreamFlowFuture, type FlowCall } from './flow-call.ts';
import { FlowScope } from './flow-scope.ts';
import type { FlowFuture } from './future.ts';
import { runHooks } from './hooks.ts';
import { automaticResume, existingRuns } from './loaded-later.ts';
import type { EnginePorts } from './ports.ts';
import { loadValue, persistValue, UNPERSISTED } from './results.ts';
import type { Frame } from './run-context.ts';
import { runFlowAttempts, type FlowOutcome } from './run-flow.ts';
import { writeLog } from './run-logger.ts';
import { runNameOf } from './run-names.ts';
import { stackless } from './stackless.ts';
import { supervisorOf } from './supervisor.ts';
import { takenRun, takeRun, type TakenRun } from './take-run.ts';
import type { TaskShare } from './task-share.ts';

export function settleFlow(future: FlowFuture<unknown>, outcome: FlowOutcome): void {
  const { run, value, error } = outcome;
  if (run.state.type === 'COMPLETED') future.settle({ ok: true, value }, run.state);
  else future.settle({ ok: false, error }, run.state);
}

/** Validates, creates (or takes over) the run, and runs it to its end. `parent`: the flow whose step this is. */
export async function runNewOrResumed(
  call: FlowCall,
  ports: EnginePorts,
  parent: {
    readonly scope: NonNullable<Frame['scope']['flow']>;
    readonly placeholder: TaskRun;
    readonly share: TaskShare | null;
    readonly replaced: FlowRun['id'] | null;
  } | null,
): Promise<FlowOutcome> {
  const { definition, future } = call;
  // Whoever takes a run that was asked for registers with that request.
  if (call.handedOver === null && call.taken === null) await supervisorOf(ports).register();
  const adopted = call.resume ?? (parent ? null : await adoptedRun(future, ports));
  // A continued subflow is called again by its parent, with its parameters; a root is only known from the record.
  const onRecord = parent ? null : adopted;
  const given = await resolveParameters(call, onRecord, ports);
  // What our engine recorded was checked, and a schema that transforms must not do so twice.
  const wasChecked = onRecord !== null && !isAsked(onRecord) && !hadBadParameters(onRecord);
  const checked: Checked = wasChecked ? { ok: true, value: given } : await validate(definition, given);
  const parameters = checked.ok ? checked.value : given;
  const taken = adopted
    ? await takeOver(ports, adopted, call)
    : parent || definition.options.resume !== 'automatic'
      ? null
      : await takeLost(call, ports, parameters);
  const run = taken?.run ?? (await create(call, ports, parent, parameters));
  // Only a request that was heard before, and whose answer came so late that others took the run over meanwhile.
  if (run.id === future.flowRunId && run.lease?.processId !== ports.process.id)
    throw new OstinatoError(
      'lease-lost',
      `Flow run ${run.name} (${run.id}) went to another process before this one could begin it.`,
    );
  if (!taken && run.id !== future.flowRunId)
    return await existingRuns(({ outcomeOfExisting }) =>
      outcomeOfExisting(ports, run, future, call.frame?.scope.signal),
    );
  future.name = run.name;
  const onState = (_: FlowRun, state: FlowRun['state']): void => future.moveTo(state);
  if (!checked.ok) return await failParameters(call, ports, run, checked.error);
  const onYield = future instanceof StreamFlowFuture ? future.push : null;
  return await runFlowAttempts(
    {
      ports,
      definition,
      thisArg: call.thisArg,
      parameters: checked.value,
      parent: parent?.scope ?? null,
      around: call.frame?.around ?? call.frame?.scope.cancellation,
      tags: call.tags,
      share: parent?.share ?? null,
      replaced: parent?.replaced ?? null,
      resumed: taken?.hasPast ?? false,
      onYield,
      onState,
    },
    run,
  );
}

/** It was asked for over the API: its parameters are the caller's JSON, which whoever continues it has read. */
function isAsked({ parameters }: FlowRun): boolean {
  return parameters.kind === 'foreign';
}

/** A function with a default of its own for all parameters wants nothing, as `ostinato run` gives it. */
function askedParameters({ parameters, definition }: FlowCall): unknown {
  const isEmpty = typeof parameters === 'object' && parameters !== null && Object.keys(parameters).length === 0;
  return isEmpty && definition.validate === null && definition.fn.length === 0 ? undefined : parameters;
}

async function resolveParameters(call: FlowCall, adopted: FlowRun | null, ports: EnginePorts): Promise<unknown> {
  if (adopted && isAsked(adopted) && call.parameters !== undefined) return askedParameters(call);
  if (adopted) {
    return await loadValue(ports, adopted.parameters, `The parameters of flow run ${adopted.name}`);
  }
  const found = findFutures([call.parameters], () => 'parameters');
  if (!found) return call.parameters;
  await found.whenDone();
  return found.values()[0];
}

function hadBadParameters({ state }: FlowRun): boolean {
  return state.type === 'FAILED' && state.failure?.code === 'bad-parameters';
}

type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: OstinatoError };

async function validate(definition: FlowDefinition, given: unknown): Promise<Checked> {
  if (!definition.validate) return { ok: true, value: given };
  let result;
  try {
    result = await definition.validate(given ?? {});
  } catch (error) {
    const why = thrownText(error);
    return {
      ok: false,
      error: new OstinatoError(
        'bad-parameters',
        `The parameters of flow "${definition.name}" could not be checked: its schema threw ${why}`,
        { cause: error, remedy: 'Correct the schema.' },
      ),
    };
  }
  if (result.ok) return result;
  const lines = result.problems.map(
    ({ field, rule, value }) => `${field || '(parameters)'}: ${rule} (got ${describeValue(value)})`,
  );
  const error = new OstinatoError(
    'bad-parameters',
    `Flow "${definition.name}" was given bad parameters. ${lines.join('; ')}.`,
    { remedy: 'Correct the named fields and run it again.' },
  );
  return { ok: false, error: stackless(error, `${error.name}: ${error.message} ${error.remedy}`) };
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'bigint' ? `${value}n` : safeJson(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

async function create(
  call: FlowCall,
  ports: EnginePorts,
  parent: { readonly scope: { readonly flowRun: FlowRun }; readonly placeholder: TaskRun } | null,
  parameters: unknown,
): Promise<FlowRun> {
  const { definition, future, tags } = call;
  const { options } = definition;
  const durability = options.durability ?? parent?.scope.flowRun.durability ?? ports.settings.durability;
  const problems: string[] = [];
  const named = (): Readonly<Record<string, unknown>> =>
    typeof parameters === 'object' && parameters !== null ? (parameters as Record<string, unknown>) : {};
  const name = runNameOf(options.runName, named, (message) => problems.push(message));
  const idempotencyKey =
    typeof options.idempotencyKey === 'function' ? options.idempotencyKey(named()) : options.idempotencyKey;
  const run = await ports.client.createFlowRun({
    id: future.flowRunId,
    flowName: definition.name,
    ...(name === undefined ? {} : { name }),
    flowVersion: definition.version,
    flowDescription: options.description ?? null,
    parameters: await keepParameters(ports, definition, parameters, durability),
    tags,
    labels: options.labels ?? {},
    policy: {
      retries: options.retries ?? 0,
      retryDelaySeconds: definition.retryDelays,
      timeoutSeconds: options.timeoutSeconds ?? null,
      resume: options.resume ?? 'manual',
    },
    durability,
    parentTaskRunId: parent?.placeholder.id ?? null,
    placeholder: parent?.placeholder,
    parentFlowRunId: parent?.scope.flowRun.id ?? null,
    entrypoint: { file: definition.file, exportName: null },
    processId: ports.process.id,
    runner: 'ostinato',
    idempotencyKey,
  });
  if (run.id !== future.flowRunId) return run;
  for (const observer of ports.observers) observer.flowRunChanged?.(run, run.state);
  for (const message of problems)
    writeLog(
      ports,
      { loggerName: 'ostinato.flow_runs', runName: run.name, flowRunId: run.id, taskRunId: null },
      LOG_LEVELS.warning,
      message,
    );
  return run;
}

async function keepParameters(
  ports: EnginePorts,
  definition: FlowDefinition,
  parameters: unknown,
  durability: FlowRun['durability'],
): Promise<ValueRef> {
  try {
    return await persistValue(
      ports,
      parameters === undefined ? {} : parameters,
      `parameters of flow "${definition.name}"`,
      durability,
    );
  } catch (error) {
    if (!OstinatoError.is(error) || error.code !== 'unserialisable-value') throw error;
    // Parameters that cannot be kept (an open connection) do not keep a flow from running; it can only not be resumed.
    for (const observer of ports.observers)
      observer.noticed?.(LOG_LEVELS.warning, `${error.message} The run cannot be retried in another process.`);
    return UNPERSISTED;
  }
}

/** The lost run that this call continues; `null` when there is none, or when another call or process was quicker. */
async function takeLost(call: FlowCall, ports: EnginePorts, parameters: unknown): Promise<TakenRun | null> {
  const lost = await automaticResume(({ findCrashedRuns }) => findCrashedRuns(call, ports, parameters));
  if (!lost) return null;
  const answer = await ports.client.resumeFlowRun({ id: lost.id, processId: ports.process.id });
  return answer.status === 'accept' ? { run: answer.run, hasPast: true } : null;
}

async function takeOver(
  ports: EnginePorts,
  earlier: FlowRun,
  { definition, tags, handedOver, taken }: FlowCall,
): Promise<TakenRun> {
  if (taken !== null) return taken;
  const how = { id: earlier.id, ...(handedOver === null ? {} : { handedOver }) };
  const answer = await takeRun(ports, definition, tags, how);
  if (answer.status !== 'accept') {
    const reason = answer.status === 'wait' ? 'it is not due yet' : answer.reason;
    throw new OstinatoError('conflict', `Flow run ${earlier.name} cannot be continued: ${reason}`, {
      remedy: `Look at it with: ostinato flow-run inspect ${earlier.id}`,
    });
  }
  return takenRun(answer);
}

/** The run ends before it began: no body, but whoever waits for failures hears of it. */
async function failParameters(
  call: FlowCall,
  ports: EnginePorts,
  run: FlowRun,
  error: OstinatoError,
): Promise<FlowOutcome> {
  const proposed: ProposedState = {
    type: 'FAILED',
    message: error.message,
    failure: toFailureInfo(error),
    details: { retriable: false },
  };
  const answer = await ports.client.setFlowRunState({ id: run.id, state: proposed, leaseToken: run.lease?.token });
  for (const observer of ports.observers) observer.flowRunChanged?.(answer.run, answer.run.state);
  call.future.moveTo(answer.run.state);
  const scope = new FlowScope(ports, call.definition, answer.run, {}, null);
  await runHooks(call.definition.options.onFailure, 'failure', answer.run, answer.run.state, {
    scope,
    tags: call.tags,
    transaction: null,
    share: null,
  });
  return { run: answer.run, value: undefined, error };
}
