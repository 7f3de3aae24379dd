/** Inputs of flow runs on the wire: what one is, and the routes. */

import type { FlowRunInput as CoreFlowRunInput } from '../core/flow-run-input.ts';
import { formatInstant } from '../core/time.ts';
import { BULKY_BODY } from './json-bounds.ts';
import { Maybe, Parts, type RouteContract } from './route.ts';
import { DateTime, EXACT, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

export const FlowRunInput = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    flow_run_id: Uuid,
    key: Type.String(),
    value: Type.String(),
    sender: Nullable(Type.String()),
  },
  EXACT,
);
export type FlowRunInput = Static<typeof FlowRunInput>;

export function encodeFlowRunInput({ id, flowRunId, key, value, sender, createdAt }: CoreFlowRunInput): FlowRunInput {
  const created = formatInstant(createdAt);
  return { id, created, updated: created, flow_run_id: flowRunId, key, value, sender };
}

const tag = 'Flow run inputs';

export const CREATE_INPUT = {
  method: 'POST',
  path: '/flow_runs/{id}/input',
  name: 'create_flow_run_input',
  tag,
  summary: 'Give a flow run a value under a key',
  body: Parts({ key: Type.String(), value: Type.String(), sender: Maybe(Type.String()) }),
  bodyLimits: BULKY_BODY,
  answers: { 201: Type.Null() },
} as const satisfies RouteContract;

export const FILTER_INPUTS = {
  method: 'POST',
  path: '/flow_runs/{id}/input/filter',
  name: 'filter_flow_run_input',
  tag,
  summary: 'List values whose keys start so, oldest first',
  body: Parts({ prefix: Type.String(), limit: Maybe(Whole()), exclude_keys: Maybe(Type.Array(Type.String())) }),
  answers: { 200: Type.Array(FlowRunInput) },
} as const satisfies RouteContract;

export const READ_INPUT = {
  method: 'GET',
  path: '/flow_runs/{id}/input/{key}',
  name: 'read_flow_run_input',
  tag,
  summary: 'Read a value as the text that it is',
  params: { key: Type.String() },
  answers: { 200: Type.String() },
  answerType: 'text/plain',
} as const satisfies RouteContract;

export const DELETE_INPUT = {
  method: 'DELETE',
  path: '/flow_runs/{id}/input/{key}',
  name: 'delete_flow_run_input',
  tag,
  summary: 'Delete a value',
  params: { key: Type.String() },
  answers: { 204: null },
} as const satisfies RouteContract;
