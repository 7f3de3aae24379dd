/** A task of which only the record is known, as part of a transaction. */

import { OstinatoError } from '../core/errors.ts';
import type { TaskRunId } from '../core/ids.ts';
import { thrownText } from '../core/show-value.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { ValueRef } from '../core/value.ts';
import type { TaskDefinition } from './definitions.ts';
import { readMark } from './hook-mark.ts';
import { loadValues, NO_VALUES } from './kept-values.ts';
import { LiveTask } from './live-task.ts';
import { Participant } from './participant.ts';
import type { EnginePorts } from './ports.ts';
import { loadValue } from './results.ts';
import type { Frame } from './run-context.ts';
import { hooksOf } from './task-transaction.ts';
import type { Remembered } from './remembered.ts';
import type { Around, Given, HookFacts } from './transaction-hook.ts';

/** @param definition the task whose hooks run; absent: the task has none, or nobody has them */
export async function recall(
  ports: EnginePorts,
  { step, participation }: Remembered,
  definition: TaskDefinition | undefined,
  around: Around,
  frame: Frame,
): Promise<Participant> {
  const name = definition?.name ?? step.taskKey;
  const { kept, unkept } = await keptBy(ports, participation.values, participation.unkept, name);
  const data = participation.decision?.result ?? (step.state.type === 'COMPLETED' ? step.state.data : null);
  const inputs =
    participation.inputs === null
      ? noInputs(name, definition)
      : await given(ports, participation.inputs, `The inputs of ${name}`);
  return new Participant({
    id: step.id,
    name,
    onCommit: hooksOf(definition?.options.onCommit),
    onRollback: hooksOf(definition?.options.onRollback),
    missing: definition === undefined && participation.hooks !== null ? readMark(participation.hooks) : null,
    participation,
    facts: {
      taskName: name,
      around,
      kept,
      unkept,
      inputNames: definition?.inputs ?? null,
      inputs,
      result: await given(ports, data, `The result of ${name}`),
    },
    frame,
    staged: null,
    record: recordOf(ports, step.id),
    keep: async () => {},
    giveBack: async () => {},
    onRolledBack: () => {},
    isCommitted: false,
  });
}

/** Opens the record of a task that an earlier attempt wrote; reads it when it is first needed. */
export function recordOf(ports: EnginePorts, id: TaskRunId): () => Promise<LiveTask> {
  let live: LiveTask | undefined;
  return async () => {
    if (live) return live;
    const run = ports.recorder.recordOf(id) ?? (await ports.client.readTaskRun(id));
    if (!run) throw new OstinatoError('not-found', `Task run ${id} is not in the store.`);
    return (live = LiveTask.of(ports, run));
  };
}

export async function keptBy(
  ports: EnginePorts,
  ref: ValueRef | null,
  unkept: readonly string[],
  name: string,
): Promise<Pick<HookFacts, 'kept' | 'unkept'>> {
  try {
    return { kept: await loadValues(ports, ref, `What ${name} keeps`), unkept };
  } catch (error) {
    for (const observer of ports.observers)
      observer.noticed?.(LOG_LEVELS.error, `What ${name} keeps for its hooks cannot be read: ${thrownText(error)}`);
    return { kept: NO_VALUES, unkept: 'all' };
  }
}

async function given(ports: EnginePorts, ref: ValueRef | null, what: string): Promise<Given> {
  try {
    return { ok: true, value: await loadValue(ports, ref, what) };
  } catch (error) {
    return { ok: false, error };
  }
}

function noInputs(name: string, definition: TaskDefinition | undefined): Given {
  if (definition === undefined) return { ok: true, value: [] };
  return {
    ok: false,
    error: new OstinatoError(
      'value-missing',
      `The inputs of ${name} could not be recorded, and the process that had them is gone.`,
      { remedy: 'Give the task plain data, or keep what the hook needs with currentTransaction().set(…).' },
    ),
  };
}
