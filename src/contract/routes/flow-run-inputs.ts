import { Type } from '../type.ts';

import { BULKY_BODY } from '../json-bounds.ts';
import type { RouteContract } from '../route.ts';
import { InputCreate, InputFilter } from '../body/flow-run-input.ts';
import { FlowRunInput } from '../schema/flow-run-input.ts';

const tag = 'Flow run inputs';

export const CREATE_INPUT = {
  method: 'POST', path: '/flow_runs/{id}/input', name: 'create_flow_run_input', tag, summary: 'Give a flow run a value under a key',
  body: InputCreate, bodyLimits: BULKY_BODY, answers: { 201: Type.Null() },
} as const satisfies RouteContract;

export const FILTER_INPUTS = {
  method: 'POST', path: '/flow_runs/{id}/input/filter', name: 'filter_flow_run_input', tag, summary: 'List values whose keys start so, oldest first',
  body: InputFilter, answers: { 200: Type.Array(FlowRunInput) },
} as const satisfies RouteContract;

export const READ_INPUT = {
  method: 'GET', path: '/flow_runs/{id}/input/{key}', name: 'read_flow_run_input', tag, summary: 'Read a value as the text that it is',
  params: { key: Type.String() }, answers: { 200: Type.String() }, answerType: 'text/plain',
} as const satisfies RouteContract;

export const DELETE_INPUT = {
  method: 'DELETE', path: '/flow_runs/{id}/input/{key}', name: 'delete_flow_run_input', tag, summary: 'Delete a value',
  params: { key: Type.String() }, answers: { 204: null },
} as const satisfies RouteContract;
