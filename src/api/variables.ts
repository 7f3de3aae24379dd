import { encodeVariable } from '../contract/encode/variable.ts';
import { variableFilter } from '../contract/filter/records.ts';
import { variableSorts } from '../contract/filter/sort.ts';
import {
  COUNT_VARIABLES, CREATE_VARIABLE, DELETE_VARIABLE, DELETE_VARIABLE_BY_NAME, LIST_VARIABLES, READ_VARIABLE, READ_VARIABLE_BY_NAME,
  UPDATE_VARIABLE, UPDATE_VARIABLE_BY_NAME,
} from '../contract/routes/variables.ts';
import { OstinatoError } from '../core/errors.ts';
import type { VariableId } from '../core/ids.ts';
import { EVERYTHING } from '../core/query.ts';
import type { Variable } from '../core/variable.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import type { VariableUpdate } from '../orchestrator/variables.ts';
import { InvalidBody } from './failures.ts';
import { created, NO_CONTENT, ok, operation, type Answer, type Operation } from './operation.ts';
import { pageOf } from './page.ts';

type Params = Readonly<Record<string, string>>;

export function variableOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_VARIABLE, async ({ body, exact }) =>
      created(encodeVariable(await useCases.createVariable({ name: body.name, tags: body.tags ?? [], ...sentValue(body.value, exact) })))),
    operation(LIST_VARIABLES, async ({ body }) => {
      const where = body.variables ? variableFilter.condition(body.variables) : EVERYTHING;
      return ok((await useCases.findVariables({ where, sort: variableSorts.of(body.sort), ...pageOf(body) })).map(encodeVariable));
    }),
    operation(COUNT_VARIABLES, async ({ body }) => ok(await useCases.countVariables(body.variables ? variableFilter.condition(body.variables) : EVERYTHING))),
    operation(READ_VARIABLE, async ({ params }) => ok(encodeVariable(there(await useCases.readVariableBy(byId(params)))))),
    operation(READ_VARIABLE_BY_NAME, async ({ params }) => ok(encodeVariable(there(await useCases.readVariableBy(byName(params)))))),
    operation(UPDATE_VARIABLE, async ({ params, body, exact }) => done(await useCases.updateVariable(byId(params), updateOf(body, exact)))),
    operation(UPDATE_VARIABLE_BY_NAME, async ({ params, body, exact }) => done(await useCases.updateVariable(byName(params), updateOf(body, exact)))),
    operation(DELETE_VARIABLE, async ({ params }) => done(await useCases.deleteVariable(byId(params)))),
    operation(DELETE_VARIABLE_BY_NAME, async ({ params }) => done(await useCases.deleteVariable(byName(params)))),
  ];
}

function byId(params: Params) {
  return { id: params['id'] as VariableId };
}

function byName(params: Params) {
  return { name: params['name'] as string };
}

/** As JSON. Source: Prefect 3, `MAX_VARIABLE_VALUE_LENGTH`; what the SDK sets in its own store may be larger. */
const VALUE_BYTES_MAX = 5000;

function sentValue(value: unknown, exact: Readonly<Record<string, unknown>>): Pick<Variable, 'value' | 'exactValue'> {
  const text = JSON.stringify(exact['value']);
  if (value !== null && Buffer.byteLength(text) > VALUE_BYTES_MAX) throw new InvalidBody(['value'], `Variable value must be less than ${VALUE_BYTES_MAX} characters`, value);
  return text === JSON.stringify(value) ? { value } : { value, exactValue: text };
}

function updateOf(
  body: { readonly name?: string | null; readonly tags?: readonly string[] | null; readonly value?: unknown }, exact: Readonly<Record<string, unknown>>,
): VariableUpdate {
  // No column holds them: with Prefect's server, the constraint of the database speaks.
  if (body.name === null || body.tags === null) throw new OstinatoError('conflict', `A variable with the name '${body.name ?? ''}' already exists.`);
  return { name: body.name ?? undefined, tags: body.tags ?? undefined, value: 'value' in body ? sentValue(body.value, exact) : undefined };
}

function there(variable: Variable | null): Variable {
  if (variable === null) throw new OstinatoError('not-found', 'Variable not found.');
  return variable;
}

function done(isThere: boolean): Answer {
  if (!isThere) throw new OstinatoError('not-found', 'Variable not found.');
  return NO_CONTENT;
}
