import { OstinatoError } from '../core/errors.ts';
import type { VariableId } from '../core/ids.ts';
import { jsonText } from '../core/json-value.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Variable } from '../core/variable.ts';
import { changeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Prefect's rule for names, without its capitals, which older servers refuse. */
const NAME = /^[a-z0-9_-]{1,255}$/;
/** Variables are settings, not data. */
export const VARIABLE_CHARACTERS_MAX = 64 * 1024;

export interface SetVariable {
  readonly name: string;
  readonly value: unknown;
  readonly tags: readonly string[];
  /** `false`: refuse with `conflict` when the variable exists. */
  readonly overwrite: boolean;
}

/** `bad-input` for a name or value that cannot be kept; `conflict` when it exists and may not be overwritten. */
export function setVariable({ storage, clock, ids }: OrchestratorPorts, request: SetVariable): MaybePromise<Variable> {
  const { name, value, tags, overwrite } = request;
  if (!NAME.test(name)) {
    throw new OstinatoError(
      'bad-input',
      `The variable name ${JSON.stringify(name)} has other characters than lower-case letters, digits, "_" and "-", or is longer than 255.`,
      {
        remedy: 'For instance "sales_target".',
      },
    );
  }
  jsonText(value, `The value of variable "${name}"`, VARIABLE_CHARACTERS_MAX);
  const now = clock.now();
  const fresh: Variable = { id: ids.next<VariableId>(), name, value, tags, createdAt: now, updatedAt: now };
  const changed = storage.changeVariable<Variable | null>(name, (existing) => {
    if (existing !== null && !overwrite) return { answer: null };
    const variable = existing === null ? fresh : { ...existing, value, tags, updatedAt: now };
    const event = changeEvent(ids, 'variable', variable.id, existing === null ? 'created' : 'updated', now, { name, value, tags });
    return { variable, event, answer: variable };
  });
  return chain(changed, (variable) => {
    if (variable === null)
      throw new OstinatoError('conflict', `There is a variable "${name}" already.`, { remedy: 'Pass `overwrite` to replace its value.' });
    return variable;
  });
}

/** Answers whether it was there. */
export function unsetVariable({ storage, clock, ids }: OrchestratorPorts, name: string): MaybePromise<boolean> {
  const now = clock.now();
  return storage.changeVariable<boolean>(name, (existing) =>
    existing === null
      ? { answer: false }
      : { variable: null, event: changeEvent(ids, 'variable', existing.id, 'deleted', now, { name }), answer: true },
  );
}
