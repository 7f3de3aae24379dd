import {
  COUNT_VARIABLES,
  CREATE_VARIABLE,
  DELETE_VARIABLE,
  DELETE_VARIABLE_BY_NAME,
  encodeVariable,
  LIST_VARIABLES,
  READ_VARIABLE,
  READ_VARIABLE_BY_NAME,
  SET_VARIABLE,
  UPDATE_VARIABLE,
  UPDATE_VARIABLE_BY_NAME,
  variableFilter,
  variableSorts,
} from '../contract/variable.ts';
import { OstinatoError } from '../core/errors.ts';
import { EVERYTHING } from '../core/query.ts';
import type { Variable, VariableId } from '../core/variable.ts';
import type { ControlUseCases } from '../orchestrator/control-plane.ts';
import { InvalidBody } from './failures.ts';
import { created, NO_CONTENT, ok, operation, type Answer, type Operation } from './operation.ts';
import { queryOf } from './lists.ts';

type Params = Readonly<Record<string, string>>;

export function variableOperations(useCases: ControlUseCases): readonly Operation[] {
  return [
    operation(CREATE_VARIABLE, async ({ body, exact }) =>
      created(
        encodeVariable(
          await useCases.createVariable({ name: body.name, tags: body.tags ?? [], ...sentValue(body.value, exact) }),
        ),
      ),
    ),
    operation(LIST_VARIABLES, async ({ body }) => {
      const where = body.variables ? variableFilter.condition(body.variables) : EVERYTHING;
      return ok(
        (await useCases.find('variable', queryOf(where, variableSorts.of(body.sort), body))).map(encodeVariable),
      );
    }),
    operation(COUNT_VARIABLES, async ({ body }) =>
      ok(await useCases.count('variable', body.variables ? variableFilter.condition(body.variables) : EVERYTHING)),
    ),
    operation(READ_VARIABLE, async ({ params }) =>
      ok(encodeVariable(there(await useCases.readVariable(byId(params))))),
    ),
    operation(READ_VARIABLE_BY_NAME, async ({ params }) =>
      ok(encodeVariable(there(await useCases.readVariable(byName(params))))),
    ),
    operation(UPDATE_VARIABLE, async ({ params, body, exact }) => await update(useCases, byId(params), body, exact)),
    operation(
      UPDATE_VARIABLE_BY_NAME,
      async ({ params, body, exact }) => await update(useCases, byName(params), body, exact),
    ),
    operation(DELETE_VARIABLE, async ({ params }) => done(await useCases.deleteVariable(byId(params)))),
    operation(DELETE_VARIABLE_BY_NAME, async ({ params }) => done(await useCases.deleteVariable(byName(params)))),
    operation(SET_VARIABLE, async ({ params, body: { tags, overwrite, value }, exact }) =>
      ok(encodeVariable(await useCases.setVariable({ ...byName(params), ...exactly(value, exact), tags, overwrite }))),
    ),
  ];
}

function byId(params: Params) {
  return { id: params['id'] as VariableId };
}

function byName(params: Params) {
  return { name: params['name'] as string };
}

function exactly(value: unknown, exact: Readonly<Record<string, unknown>>): Pick<Variable, 'value' | 'exactValue'> {
  const text = JSON.stringify(exact['value']);
  return text === JSON.stringify(value) ? { value } : { value, exactValue: text };
}

/** As JSON. Source: Prefect 3, `MAX_VARIABLE_VALUE_LENGTH`; what the SDK sets in its own store may be larger. */
const VALUE_BYTES_MAX = 5000;

function sentValue(value: unknown, exact: Readonly<Record<string, unknown>>): Pick<Variable, 'value' | 'exactValue'> {
  if (value !== null && Buffer.byteLength(JSON.stringify(exact['value'])) > VALUE_BYTES_MAX)
    throw new InvalidBody(['value'], `Variable value must be less than ${VALUE_BYTES_MAX} characters`, value);
  return exactly(value, exact);
}

interface Update {
  readonly name?: string | null;
  readonly tags?: readonly string[] | null;
  readonly value?: unknown;
}

async function update(
  useCases: ControlUseCases,
  key: Parameters<ControlUseCases['updateVariable']>[0],
  { name, tags, ...rest }: Update,
  exact: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  if (name === null || tags === null) {
    there(await useCases.readVariable(key));
    // With Prefect's server a constraint of the database speaks, which names another cause.
    throw new OstinatoError(
      'conflict',
      `Data integrity conflict. A variable cannot be without ${name === null ? 'a name' : 'tags'}.`,
    );
  }
  return done(
    await useCases.updateVariable(key, {
      name,
      tags,
      value: 'value' in rest ? sentValue(rest.value, exact) : undefined,
    }),
  );
}

function there(variable: Variable | null): Variable {
  if (variable === null) throw new OstinatoError('not-found', 'Variable not found.');
  return variable;
}

function done(isThere: boolean): Answer {
  if (!isThere) throw new OstinatoError('not-found', 'Variable not found.');
  return NO_CONTENT;
}
