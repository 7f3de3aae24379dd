import type { RouteContract } from '../route.ts';
import { Flow } from '../schema/flow.ts';
import { FlowCreate } from '../body/flow-run.ts';

const tag = 'Flows';

export const CREATE_FLOW = {
  method: 'POST', path: '/flows/', name: 'create_flow', tag, summary: 'Register a flow; answers the one that has the name if there is one',
  body: FlowCreate, answers: { 201: Flow, 200: Flow },
} as const satisfies RouteContract;

export const READ_FLOW = {
  method: 'GET', path: '/flows/{id}', name: 'read_flow', tag, summary: 'Read a flow', answers: { 200: Flow },
} as const satisfies RouteContract;
