/** Variables: what is done with them, and what of it is told. */

import { OstinatoError } from '../core/errors.ts';
import type { IdSource } from '../core/ids.ts';
import { exactValue, jsonText } from '../core/json-value.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Instant } from '../core/time.ts';
import {
  VARIABLE_CHARACTERS_MAX,
  type SetVariable,
  type Variable,
  type VariableId,
  type VariableKey,
} from '../core/variable.ts';
import { changeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

export function variableUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    setVariable: (request: SetVariable) => setVariable(ports, request),
    createVariable: (variable: Parameters<typeof createVariable>[1]) => createVariable(ports, variable),
    readVariable: (key: VariableKey) => storage.readVariable(key),
    updateVariable: (key: VariableKey, change: VariableUpdate) => updateVariable(ports, key, change),
    deleteVariable: (key: VariableKey) => deleteVariable(ports, key),
  };
}

/** Prefect's rule for names, without its capitals, which older servers refuse. */
const NAME = /^[a-z0-9_-]{1,255}$/;

/** `bad-input` for a name or value that cannot be kept; `conflict` when it exists and may not be overwritten. */
function setVariable({ storage, clock, ids }: OrchestratorPorts, request: SetVariable): MaybePromise<Variable> {
  const { name, value, exactValue: exact, tags, overwrite } = request;
  checkName(name);
  jsonText(value, `The value of variable "${name}"`, VARIABLE_CHARACTERS_MAX);
  if (exact !== undefined) checkSize(exact, name);
  const now = clock.now();
  const fresh: Variable = {
    id: ids.next<VariableId>(),
    name,
    value,
    ...(exact === undefined ? {} : { exactValue: exact }),
    tags,
    createdAt: now,
    updatedAt: now,
  };
  const changed = storage.changeVariable<Variable | null>({ name }, (existing) => {
    if (existing !== null && !overwrite) return { answer: null };
    const variable = existing === null ? fresh : { ...fresh, id: existing.id, createdAt: existing.createdAt };
    const event = variableEvent(ids, variable, existing === null ? 'created' : 'updated', now);
    return { variable, event, answer: variable };
  });
  return chain(changed, (variable) => {
    if (variable === null)
      throw new OstinatoError('conflict', `There is a variable "${name}" already.`, {
        remedy: 'Pass `overwrite` to replace its value.',
      });
    return variable;
  });
}

/** A value as it was sent: `exactValue` where JavaScript's numbers cannot say it. */
type SentValue = Pick<Variable, 'value' | 'exactValue'>;

/** `bad-input` for a name or value that cannot be kept; `conflict` when there is one of that name. */
function createVariable(
  { storage, clock, ids }: OrchestratorPorts,
  { name, tags, ...sent }: SentValue & Pick<Variable, 'name' | 'tags'>,
): MaybePromise<Variable> {
  checkName(name);
  checkSize(sent.exactValue ?? JSON.stringify(sent.value), name);
  const now = clock.now();
  const variable: Variable = { ...sent, id: ids.next<VariableId>(), name, tags, createdAt: now, updatedAt: now };
  return storage.changeVariable<Variable>({ name }, (existing) => {
    if (existing !== null) throw new OstinatoError('conflict', `A variable with the name '${name}' already exists.`);
    return { variable, event: variableEvent(ids, variable, 'created', now), answer: variable };
  });
}

export interface VariableUpdate {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly value?: SentValue | undefined;
}

/** Answers whether it was there. What is left out stays. `conflict` when the new name is another's. */
function updateVariable(
  { storage, clock, ids }: OrchestratorPorts,
  key: VariableKey,
  change: VariableUpdate,
): MaybePromise<boolean> {
  const now = clock.now();
  if (change.name !== undefined) checkName(change.name);
  if (change.value)
    checkSize(change.value.exactValue ?? JSON.stringify(change.value.value), 'name' in key ? key.name : key.id);
  return storage.changeVariable<boolean>(key, (existing) => {
    if (existing === null) return { answer: false };
    const { id, createdAt } = existing;
    const { value, exactValue: exact } = change.value ?? existing;
    const variable: Variable = {
      id,
      name: change.name ?? existing.name,
      value,
      ...(exact === undefined ? {} : { exactValue: exact }),
      tags: change.tags ?? existing.tags,
      createdAt,
      updatedAt: now,
    };
    return { variable, event: variableEvent(ids, variable, 'updated', now), answer: true };
  });
}

/** Answers whether it was there. */
function deleteVariable({ storage, clock, ids }: OrchestratorPorts, key: VariableKey): MaybePromise<boolean> {
  const now = clock.now();
  return storage.changeVariable<boolean>(key, (existing) =>
    existing === null
      ? { answer: false }
      : { variable: null, event: variableEvent(ids, existing, 'deleted', now), answer: true },
  );
}

function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw new OstinatoError(
      'bad-input',
      `The variable name ${JSON.stringify(name)} has other characters than lower-case letters, digits, "_" and "-", or is longer than 255.`,
      { remedy: 'For instance "sales_target".' },
    );
  }
}

function checkSize(text: string, name: string): void {
  if (text.length <= VARIABLE_CHARACTERS_MAX) return;
  throw new OstinatoError(
    'bad-input',
    `The value of variable "${name}" is ${text.length} characters of JSON; at most ${VARIABLE_CHARACTERS_MAX} are kept.`,
  );
}

function variableEvent(
  ids: IdSource,
  { id, name, value, exactValue: exact, tags }: Variable,
  what: 'created' | 'updated' | 'deleted',
  now: Instant,
) {
  return changeEvent(
    ids,
    'variable',
    id,
    what,
    now,
    { name, value: exact === undefined ? value : exactValue(exact), tags },
    { name },
  );
}
