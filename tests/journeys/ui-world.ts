/** Rows as a server would give them, for worlds that tests make up. */
const START = Date.UTC(2026, 10, 22, 18, 0, 0);

/** A time near now for lists, whose window ends now. */
export const RECENT = Date.now() - 60_000;

export function idOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export const FLOW = { id: idOf(1), created: iso(0), updated: iso(0), name: 'daily sales', tags: [] };

function iso(offsetMs: number, from = START): string {
  return new Date(from + offsetMs).toISOString();
}

export function flowRun(number: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const type = (more['state_type'] ?? 'COMPLETED') as string;
  const name = type[0] + type.slice(1).toLowerCase();
  const isOver = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(type);
  return {
    id: idOf(number),
    created: iso(0, RECENT),
    updated: iso(0, RECENT),
    name: `run-${number}`,
    flow_id: FLOW.id,
    flow_version: null,
    state_id: idOf(900_000 + number),
    state_type: type,
    state_name: name,
    state: {
      id: idOf(900_000 + number),
      type,
      name,
      timestamp: iso(0, RECENT),
      message: null,
      data: null,
      state_details: {},
    },
    parameters: {},
    tags: [],
    run_count: 1,
    parent_task_run_id: null,
    deployment_id: null,
    work_pool_name: null,
    work_queue_name: null,
    idempotency_key: null,
    auto_scheduled: false,
    expected_start_time: iso(0, RECENT),
    start_time: iso(0, RECENT),
    end_time: isOver ? iso(4000, RECENT) : null,
    total_run_time: isOver ? 4 : 0,
    estimated_run_time: 4,
    estimated_start_time_delta: 0,
    empirical_policy: { retries: 0 },
    labels: {},
    ...more,
  };
}

export function taskRun(number: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    ...flowRun(number),
    name: `load-${number}`,
    task_key: 'load',
    flow_run_id: idOf(10),
    task_inputs: {},
    cache_key: null,
    task_version: null,
    empirical_policy: { retries: 2, timeout_seconds: null },
    ...more,
  };
}

export function graphNode(
  number: number,
  more: Readonly<Record<string, unknown>> = {},
): [id: string, node: Record<string, unknown>] {
  const id = idOf(number);
  const at = number % 5000;
  return [
    id,
    {
      kind: 'task-run',
      id,
      label: `load-${number}`,
      state_type: 'COMPLETED',
      start_time: iso(at * 2, RECENT),
      end_time: iso(at * 2 + 500, RECENT),
      parents: [],
      children: [],
      encapsulating: [],
      artifacts: [],
      ...more,
    },
  ];
}

export function logLine(number: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: idOf(500_000 + number),
    name: 'flow_runs',
    level: 20,
    message: `line ${number}`,
    timestamp: iso(number, RECENT),
    flow_run_id: idOf(10),
    task_run_id: null,
    ...more,
  };
}

/** The event of a new name or of a deletion, as our server sends it. */
export function changeEvent(kind: 'flow-run' | 'task-run', id: string, what: 'updated' | 'deleted'): object {
  const event = `ostinato.${kind}.${what}`;
  return {
    type: 'event',
    event: {
      id: crypto.randomUUID(),
      event,
      occurred: new Date().toISOString(),
      resource: { 'prefect.resource.id': `prefect.${kind}.${id}` },
      related: [],
      payload: {},
    },
  };
}

/** The event of a change of state, as servers send it. */
export function stateEvent(kind: 'flow-run' | 'task-run', id: string, type: string): object {
  const name = type[0] + type.slice(1).toLowerCase();
  return {
    type: 'event',
    event: {
      id: crypto.randomUUID(),
      event: `prefect.${kind}.${name}`,
      occurred: new Date().toISOString(),
      resource: {
        'prefect.resource.id': `prefect.${kind}.${id}`,
        'prefect.state-type': type,
        'prefect.state-name': name,
      },
      related: [],
      payload: {},
    },
  };
}
