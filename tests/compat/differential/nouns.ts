/**
 * What the generator asks about. A noun more is a line in `NOUNS`, and where its operations need more than the
 * description says, some in `HINTS`.
 */
import type { Chance } from './chance.ts';
import type { Json } from './values.ts';

/** What an id in the path is an id of, by the beginning of the path; the longest counts. */
export const NOUNS: Readonly<Record<string, string>> = {
  '/flows/': 'flow',
  '/ui/flows/': 'flow',
  '/flow_runs/': 'flow_run',
  '/ui/flow_runs/': 'flow_run',
  '/flow_run_states/': 'flow_run_state',
  '/task_runs/': 'task_run',
  '/ui/task_runs/': 'task_run',
  '/task_run_states/': 'task_run_state',
  '/task_workers/': 'task_worker',
  '/logs/': 'log',
  '/artifacts/': 'artifact',
  '/variables/': 'variable',
  '/saved_searches/': 'saved_search',
  '/block_types/': 'block_type',
  '/block_schemas/': 'block_schema',
  '/block_documents/': 'block_document',
  '/block_capabilities/': 'block_capability',
  '/concurrency_limits/': 'limit_on_tag',
  '/v2/concurrency_limits/': 'limit',
  '/events': 'event',
  '/admin/storage': 'storage',
  '/observed-states': 'state',
};

export interface Hint {
  /** How often it is asked, beside others that have 1. */
  readonly weight?: number;
  /** What its answer is, which may be asked about afterwards. */
  readonly makes?: string;
  /** What is always so in its body. */
  readonly body?: (chance: Chance, body: Readonly<Record<string, Json>>) => Json;
  /** Each row has a name, or place in the order, of its own: which rows a part of the list has is told by its order. */
  readonly isOrdered?: (body: Readonly<Record<string, Json>>) => boolean;
  /** Rows are compared where the body says this: else they are of anything, also of what only one of both records. */
  readonly rowsIf?: RegExp;
  /** What it answers is recorded a little after the requests that it is about. */
  readonly isLater?: true;
}

const created = { weight: 4 } as const;
const rare = { weight: 0.2 } as const;
const byName = (body: Readonly<Record<string, Json>>): boolean =>
  String(body['sort'] ?? 'NAME_ASC').startsWith('NAME_');
/** An event of now: older ones may be gone, and its resource is one that others ask about. */
const event = (chance: Chance, one: Json): Json => ({
  ...(one as object),
  occurred: new Date().toISOString(),
  resource: { 'prefect.resource.id': chance.of(['thing.1', 'thing.2']), kind: 'thing' },
});
const ABOUT_THINGS = /"id_prefix":\["thing\."\]/;
const aboutThings = (body: Readonly<Record<string, Json>>): Json => ({
  ...body,
  filter: { ...(body['filter'] as object | undefined), resource: { id_prefix: ['thing.'] } },
});

export const HINTS: Readonly<Record<string, Hint>> = {
  'POST /flows/': { ...created, makes: 'flow' },
  // Deployments are left out for now.
  'POST /flow_runs/': { weight: 8, makes: 'flow_run', body: (_chance, { deployment_id: _left, ...body }) => body },
  'POST /task_runs/': { weight: 6, makes: 'task_run' },
  'POST /flow_runs/{id}/set_state': { weight: 10 },
  'POST /task_runs/{id}/set_state': { weight: 8 },
  'POST /artifacts/': { ...created, makes: 'artifact' },
  'POST /variables/': { ...created, makes: 'variable' },
  'PUT /saved_searches/': { weight: 2, makes: 'saved_search' },
  'POST /block_types/': { weight: 2, makes: 'block_type' },
  'POST /block_schemas/': { weight: 3, makes: 'block_schema' },
  'POST /block_documents/': { weight: 3, makes: 'block_document' },
  'POST /block_types/filter': {
    body: (chance, body) => ({ ...body, block_types: { slug: { any_: [chance.of(['one', 'two', 'secret'])] } } }),
  },
  'POST /block_schemas/filter': { rowsIf: /"block_type_id":\{"any_":\[/ },
  'POST /block_types/install_system_block_types': rare,
  'POST /concurrency_limits/': { weight: 2, makes: 'limit_on_tag' },
  'POST /v2/concurrency_limits/': { ...created, makes: 'limit' },
  'POST /v2/concurrency_limits/increment-with-lease': { weight: 3, makes: 'lease' },
  'POST /v2/concurrency_limits/increment': { weight: 2 },
  'POST /logs/': { weight: 2 },
  'POST /events': {
    weight: 3,
    body: (chance, body) => (body as unknown as readonly Json[]).map((one) => event(chance, one)),
  },
  'POST /events/filter': { weight: 2, isLater: true, rowsIf: ABOUT_THINGS, body: (_chance, body) => aboutThings(body) },
  'POST /events/count-by/{countable}': {
    isLater: true,
    rowsIf: ABOUT_THINGS,
    body: (_chance, body) => aboutThings(body),
  },
  'POST /flow_runs/filter': { weight: 4 },
  'POST /flow_runs/count': { weight: 2 },
  'POST /task_runs/filter': { weight: 4 },
  'POST /logs/filter': { weight: 2 },
  'POST /flows/filter': { weight: 2, isOrdered: byName },
  'POST /flows/paginate': { isOrdered: byName },
  'POST /variables/filter': { isOrdered: byName },
  'POST /v2/concurrency_limits/filter': { isOrdered: () => true },
  'DELETE /flows/{id}': rare,
  'DELETE /flow_runs/{id}': { weight: 0.5 },
  'DELETE /task_runs/{id}': { weight: 0.5 },
  'DELETE /block_types/{id}': rare,
  'DELETE /block_schemas/{id}': rare,
  'POST /flows/bulk_delete': { ...rare, body: (_chance, body) => ({ ...body, flows: { name: { any_: ['two'] } } }) },
  'POST /flow_runs/bulk_delete': {
    ...rare,
    body: (_chance, body) => ({ ...body, flow_runs: { name: { any_: ['two'] } } }),
  },
};
