/**
 * A server that serves the real pages and answers them from a world that a test makes up.
 *
 * For what a real server does not do on demand: a run with thousands of tasks in a moment, hostile texts, refusals, a
 * connection that breaks. What the pages do with a real server is in `ui.test.ts`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { after } from 'node:test';

import { WebSocketServer, type WebSocket } from 'ws';

import { buildUi } from '../../scripts/build-ui.ts';
import { DATA_HEADERS, PAGE_HEADERS } from '../../src/api/gate/headers.ts';
import { ROOT } from './launch.ts';

type Row = Readonly<Record<string, unknown>>;

/** What the server knows; a test may change it at any time. */
export interface World {
  flows: Row[];
  flowRuns: Row[];
  taskRuns: Row[];
  logs: Row[];
  artifacts: Row[];
  states: Row[];
  /** By flow run. */
  graphs: Record<string, unknown>;
  /** By run. */
  explanations: Record<string, unknown>;
  authString: string | null;
}

export interface StandIn {
  readonly url: string;
  readonly world: World;
  /** What was asked, oldest first. */
  readonly asked: { readonly method: string; readonly path: string; readonly body: Record<string, unknown> }[];
  /** To everybody who listens there. */
  send(path: '/api/events/out' | '/api/logs/out', message: object): void;
  /** How many listen there, after their handshake. */
  listeners(path: '/api/events/out' | '/api/logs/out'): number;
  /** The positions that those who listen there go on behind. */
  positions(path: '/api/events/out' | '/api/logs/out'): readonly (string | null)[];
  /** As a server that restarts: every stream breaks. */
  breakStreams(): void;
}

const MEDIA: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Call in a test file; it ends with the file's tests. */
export async function startStandIn(given: Partial<World> = {}): Promise<StandIn> {
  await buildUi();
  const world: World = {
    flows: [],
    flowRuns: [],
    taskRuns: [],
    logs: [],
    artifacts: [],
    states: [],
    graphs: {},
    explanations: {},
    authString: null,
    ...given,
  };
  const asked: StandIn['asked'] = [];
  const server = createServer(
    (request, response) =>
      void answer(request, response, world, asked).catch((error: Error) => response.writeHead(500).end(error.message)),
  );
  const sockets = listen(server, world);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const { socket } of sockets) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  const at = (path: string) => [...sockets].filter((one) => one.path === path && one.isReady);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    asked,
    send: (path, message) => at(path).forEach(({ socket }) => socket.send(JSON.stringify(message))),
    listeners: (path) => at(path).length,
    positions: (path) => at(path).map(({ after }) => after),
    breakStreams: () => sockets.forEach(({ socket }) => socket.terminate()),
  };
}

interface Stream {
  readonly path: string;
  readonly socket: WebSocket;
  isReady: boolean;
  /** The position that its client goes on behind. */
  after: string | null;
}

/** The handshake of Prefect's streams: auth, then a filter. */
function listen(server: Server, world: World): Set<Stream> {
  const streams = new Set<Stream>();
  new WebSocketServer({ server, handleProtocols: (offered) => (offered.has('prefect') ? 'prefect' : false) }).on(
    'connection',
    (socket, request) => {
      const stream: Stream = { path: request.url ?? '', socket, isReady: false, after: null };
      streams.add(stream);
      socket.on('close', () => streams.delete(stream));
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as {
          type: string;
          token?: string | null;
          filter?: object;
          after?: string;
        };
        if (message.type === 'auth') {
          if (world.authString !== null && message.token !== world.authString) socket.close(1008);
          else socket.send(JSON.stringify({ type: 'auth_success' }));
        }
        stream.isReady ||= message.type === 'filter' && message.filter !== undefined;
        stream.after ??= message.after ?? null;
      });
    },
  );
  return streams;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  world: World,
  asked: StandIn['asked'],
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in');
  if (!pathname.startsWith('/api/')) return serveFile(pathname, response);
  const path = pathname.slice('/api'.length);
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  asked.push({ method: request.method ?? '', path, body });
  const expected = world.authString === null ? null : `Basic ${Buffer.from(world.authString).toString('base64')}`;
  if (expected !== null && request.headers.authorization !== expected)
    return send(response, 401, { exception_message: 'Unauthorized' });
  if (path === '/admin/version') return send(response, 200, '0.0.0');
  const found = lookUp(path, searchParams, body, world);
  send(response, found === undefined ? 404 : 200, found ?? { detail: 'Not Found' });
}

function lookUp(path: string, query: URLSearchParams, body: Record<string, unknown>, world: World): unknown {
  const [, noun = '', id = '', rest = '', last = '', part = ''] = path.split('/');
  if (noun === 'ui' && id === 'pages')
    return part === 'inside' ? insideOf(world.graphs[last] as GraphOfRun | undefined) : pageOf(rest, last, body, world);
  const lists: Record<string, Row[]> = {
    flows: world.flows,
    flow_runs: world.flowRuns,
    task_runs: world.taskRuns,
    logs: world.logs,
    artifacts: world.artifacts,
  };
  const rows = lists[noun];
  if (noun === 'flow_run_states' || noun === 'task_run_states')
    return world.states.filter((state) => state['of'] === (query.get('flow_run_id') ?? query.get('task_run_id')));
  if (id === 'history') return [];
  if (rows === undefined) return undefined;
  if (id === 'filter') return narrow(noun, rows, body);
  if (id === 'count') return narrow(noun, rows, { ...body, limit: Infinity, offset: 0 }).length;
  if (rest === 'graph-v2') return world.graphs[id];
  if (rest === 'why') return world.explanations[id];
  if (rest === 'set_state') return { status: 'ACCEPT', details: {}, state: body['state'] };
  return rows.find((row) => row['id'] === id);
}

interface GraphOfRun {
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly nodes: readonly (readonly [id: string, node: Row])[];
}

/** What is inside a run, from its graph. */
function insideOf(graph: GraphOfRun | undefined): unknown {
  if (graph === undefined) return undefined;
  const runs = graph.nodes.map(([, node]) => {
    const type = String(node['state_type']);
    const name = String(node['label']).replace(/-\d+$/, '');
    const parents = (node['parents'] as readonly Row[]).map(({ id }) => id);
    return {
      name,
      group: `task ${name}`,
      map_index: null,
      state_name: type[0] + type.slice(1).toLowerCase(),
      message: null,
      run_count: 1,
      total_run_time: 0.5,
      running_since: null,
      caller: null,
      segments: [],
      ...node,
      parents,
    };
  });
  return {
    as_of: new Date().toISOString(),
    start_time: graph.start_time,
    end_time: graph.end_time,
    task_run_count: runs.length,
    is_folded: false,
    runs,
    groups: [],
  };
}

/** What the pages ask for in one request. */
function pageOf(page: string, id: string, body: Record<string, unknown>, world: World): unknown {
  const asOf = new Date().toISOString();
  const named = (run: Row): Row => ({
    flow_name: world.flows.find((flow) => flow['id'] === run['flow_id'])?.['name'],
    ...run,
  });
  if (page === 'runs') {
    const count = narrow('flow_runs', world.flowRuns, { ...body, limit: Infinity, offset: 0 }).length;
    return {
      as_of: asOf,
      runs: narrow('flow_runs', world.flowRuns, body).map(named),
      count,
      history: [],
      has_runs: world.flowRuns.length > 0,
    };
  }
  if (page === 'flows')
    return {
      as_of: asOf,
      flows: narrow('flows', world.flows, body).map((flow) => ({
        ...flow,
        runs: world.flowRuns.filter((run) => run['flow_id'] === flow['id']),
      })),
    };
  const run = (page === 'flow_runs' ? world.flowRuns : world.taskRuns).find((row) => row['id'] === id);
  if (run === undefined) return undefined;
  const ofRun = (rows: readonly Row[]): number => rows.filter((row) => row['flow_run_id'] === id).length;
  const head = { as_of: asOf, run: named(run), why: world.explanations[id] ?? null };
  if (page === 'task_runs') return { ...head, input_names: {} };
  return {
    ...head,
    parent: null,
    task_run_count: ofRun(world.taskRuns),
    subflow_run_count: 0,
    artifact_count: ofRun(world.artifacts),
  };
}

/** Of the filter grammar as much as the tests need. */
function narrow(noun: string, rows: readonly Row[], body: Record<string, unknown>): Row[] {
  const { limit = 200, offset = 0, sort = '' } = body as { limit?: number; offset?: number; sort?: string };
  const own = (body[noun] ?? {}) as Record<
    string,
    { like_?: string; any_?: string[]; type?: { any_: string[] }; ge_?: number; query?: string }
  >;
  const found = rows.filter(
    (row) =>
      (own['name']?.like_ === undefined || String(row['name']).includes(own['name'].like_)) &&
      (own['id']?.any_ === undefined || own['id'].any_.includes(String(row['id']))) &&
      (own['flow_run_id']?.any_ === undefined || own['flow_run_id'].any_.includes(String(row['flow_run_id']))) &&
      (own['state']?.type === undefined || own['state'].type.any_.includes(String(row['state_type']))) &&
      (own['level']?.ge_ === undefined || Number(row['level']) >= own['level'].ge_) &&
      (own['text']?.query === undefined ||
        String(row['message']).toLowerCase().includes(own['text'].query.replaceAll('"', '').toLowerCase())),
  );
  return (sort === 'TIMESTAMP_DESC' || sort === 'CREATED_DESC' ? found.toReversed() : found).slice(
    offset,
    offset + limit,
  );
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const file = extname(path) === '' ? '/index.html' : path;
  const content = await readFile(join(ROOT, 'ui', 'dist', file)).catch(() => null);
  if (content === null) return void response.writeHead(404).end();
  response
    .writeHead(200, { ...PAGE_HEADERS, 'content-type': MEDIA[extname(file)] ?? 'application/octet-stream' })
    .end(content);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...DATA_HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(body));
}
