/** Variables, of whatever server; and while it is away. */

import {
  CREATE_VARIABLE,
  decodeVariable,
  DELETE_VARIABLE_BY_NAME,
  encodeValue,
  LIST_VARIABLES,
  READ_VARIABLE_BY_NAME,
  SET_VARIABLE,
  UPDATE_VARIABLE_BY_NAME,
} from '../../contract/variable.ts';
import { wireText } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { jsonText } from '../../core/json-value.ts';
import { VARIABLE_CHARACTERS_MAX, type SetVariable, type Variable, type VariableId } from '../../core/variable.ts';
import { Remembered, type Absence } from './absence.ts';
import { mayBeDone, type ControlPlane } from './plane.ts';

export interface VariableClient {
  read(name: string): Promise<Variable | null>;
  /** `bad-input` for a name or value that cannot be kept; `conflict` when it exists and `overwrite` is false. */
  set(request: SetVariable): Promise<Variable>;
  /** Returns whether the variable existed. */
  unset(name: string): Promise<boolean>;
  /** By name. @param page default: the first 50 */
  list(page?: { readonly limit?: number; readonly offset?: number }): Promise<readonly Variable[]>;
}

export function variablesOf(plane: ControlPlane): VariableClient {
  /** Name of a variable whose creation was not acknowledged: the server may have it. */
  let unconfirmed: string | null = null;

  const read = async (name: string): Promise<Variable | null> => {
    const found = await plane.find(READ_VARIABLE_BY_NAME, { name });
    return found === null ? null : decodeVariable(found);
  };
  const write = plane.kind === 'ostinato' ? put : makeOrChange;

  return {
    read,

    /**
     * Without `overwrite`, after an unacknowledged creation: an existing variable with this value counts as the one
     * created.
     */
    async set(request) {
      checkValue(request);
      const { name, overwrite } = request;
      try {
        return await write(plane, request);
      } catch (error) {
        if (mayBeDone(error)) unconfirmed = name;
        const isOwn = !overwrite && unconfirmed === name && OstinatoError.is(error) && error.code === 'conflict';
        if (isOwn) unconfirmed = null;
        const there = isOwn ? await read(name) : null;
        if (there === null || wireText(encodeValue(there)) !== wireText(encodeValue(request))) throw error;
        return there;
      }
    },

    async unset(name) {
      const { status } = await plane.ask(DELETE_VARIABLE_BY_NAME, { params: { name }, expected: [404] });
      return status !== 404;
    },

    list: async ({ limit = 50, offset } = {}) =>
      (await plane.list(LIST_VARIABLES, { sort: 'NAME_ASC' }, { limit, offset })).map(decodeVariable),
  };
}

/**
 * What a flow gets while its server is away: a variable that it has read or set is answered as it knows it, one that it
 * never read is waited for; what it sets is told later.
 */
export function tolerantVariables(absence: Absence): VariableClient {
  /** `null`: there was none. */
  const known = new Remembered<string, Variable | null>();
  const noun = 'variables';
  return {
    async read(name) {
      const before = known.get(name);
      if (before !== undefined && absence.isAway) return before;
      return known.keep(name, await absence.sure(({ variables }) => variables.read(name)));
    },

    async set(request) {
      checkValue(request);
      const { overwrite: _overwrite, ...fields } = request;
      const what = `variable ${request.name} was set`;
      const set = await absence.orLater<Variable>({ noun, method: 'set', args: [request], what }, () => {
        const now = absence.clock.now();
        return { ...fields, id: absence.ids.next<VariableId>(), createdAt: now, updatedAt: now };
      });
      return known.keep(request.name, set);
    },

    async unset(name) {
      const what = `variable ${name} was removed`;
      const wasThere = await absence.orLater<boolean>(
        { noun, method: 'unset', args: [name], what },
        () => (known.get(name) ?? null) !== null,
      );
      known.keep(name, null);
      return wasThere;
    },

    list: (page) => absence.sure(({ variables }) => variables.list(page)),
  };
}

/** @throws `bad-input` for a value that is no JSON, or is too large */
function checkValue({ name, value }: SetVariable): void {
  jsonText(value, `The value of variable "${name}"`, VARIABLE_CHARACTERS_MAX);
}

async function put(plane: ControlPlane, { name, tags, overwrite, ...sent }: SetVariable): Promise<Variable> {
  const body = { value: encodeValue(sent), tags: [...tags], overwrite };
  return decodeVariable(await plane.ask(SET_VARIABLE, { params: { name }, body, once: !overwrite }));
}

async function makeOrChange(plane: ControlPlane, { name, tags, overwrite, ...sent }: SetVariable): Promise<Variable> {
  const body = { value: encodeValue(sent), tags: [...tags] };
  const made = await plane.ask(CREATE_VARIABLE, { body: { name, ...body }, expected: [409], once: !overwrite });
  if (made.status !== 409) return decodeVariable(made);
  if (!overwrite)
    throw new OstinatoError('conflict', `There is a variable "${name}" already.`, {
      remedy: 'Pass `overwrite` to replace its value.',
    });
  await plane.ask(UPDATE_VARIABLE_BY_NAME, { params: { name }, body });
  const changed = await plane.find(READ_VARIABLE_BY_NAME, { name });
  if (changed !== null) return decodeVariable(changed);
  throw new OstinatoError('conflict', `Variable "${name}" was removed while it was changed.`, {
    remedy: 'Set it again.',
  });
}
