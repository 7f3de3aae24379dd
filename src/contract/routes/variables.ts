import { Type } from '../type.ts';

import { VariableCreate, VariablesCount, VariablesFilter, VariableUpdate } from '../body/variable.ts';
import type { RouteContract } from '../route.ts';
import { Count } from '../schema/scalars.ts';
import { Variable } from '../schema/variable.ts';

const tag = 'Variables';

export const CREATE_VARIABLE = {
  method: 'POST', path: '/variables/', name: 'create_variable', tag, summary: 'Create a variable', body: VariableCreate, answers: { 201: Variable },
} as const satisfies RouteContract;

export const LIST_VARIABLES = {
  method: 'POST', path: '/variables/filter', name: 'read_variables', tag, summary: 'List variables', body: VariablesFilter, isBodyOptional: true,
  answers: { 200: Type.Array(Variable) },
} as const satisfies RouteContract;

export const COUNT_VARIABLES = {
  method: 'POST', path: '/variables/count', name: 'count_variables', tag, summary: 'Count variables', body: VariablesCount, isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const READ_VARIABLE = {
  method: 'GET', path: '/variables/{id}', name: 'read_variable', tag, summary: 'Read a variable', answers: { 200: Variable },
} as const satisfies RouteContract;

export const READ_VARIABLE_BY_NAME = {
  method: 'GET', path: '/variables/name/{name}', name: 'read_variable_by_name', tag, summary: 'Read a variable by name', answers: { 200: Variable },
} as const satisfies RouteContract;

export const UPDATE_VARIABLE = {
  method: 'PATCH', path: '/variables/{id}', name: 'update_variable', tag, summary: 'Change a variable', body: VariableUpdate, answers: { 204: null },
} as const satisfies RouteContract;

export const UPDATE_VARIABLE_BY_NAME = {
  method: 'PATCH', path: '/variables/name/{name}', name: 'update_variable_by_name', tag, summary: 'Change a variable by name',
  body: VariableUpdate, answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_VARIABLE = {
  method: 'DELETE', path: '/variables/{id}', name: 'delete_variable', tag, summary: 'Delete a variable', answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_VARIABLE_BY_NAME = {
  method: 'DELETE', path: '/variables/name/{name}', name: 'delete_variable_by_name', tag, summary: 'Delete a variable by name', answers: { 204: null },
} as const satisfies RouteContract;
