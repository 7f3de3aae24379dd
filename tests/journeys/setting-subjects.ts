/**
 * What can be seen of settings: of a flow's run, of a server, of a command that asks one. Each is looked at with the
 * settings given one way.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { matching } from '../../src/core/list-query.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import { hashText } from '../../src/platform/hash.ts';
import { ResultFiles } from '../../src/platform/result-files.ts';
import { SETTINGS, environmentName, type SettingName } from '../../src/platform/settings-table.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import {
  makeActionOrder,
  makeArtifact,
  makeEvent,
  makeFlow,
  makeFlowRun,
  makeLog,
  makeState,
} from '../conformance/samples.ts';
import { startOstinato, until } from './background.ts';
import { callCommand } from './in-process.ts';
import { LAUNCHER, runProgram } from './launch.ts';
import { makeChannel, openReceiver } from './notification-blocks.ts';
import { makePagesCheckout } from './pages-checkout.ts';

export type Way = 'environment' | 'project' | 'profile' | 'default';
export type Given = Readonly<Partial<Record<SettingName, string>>>;
export type Seen = Partial<Record<SettingName, unknown>>;

const folder = mkdtempSync(join(tmpdir(), 'ostinato-every-setting-'));
export const cleanUp = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });

interface Place {
  readonly home: string;
  readonly project: string;
  readonly env: Record<string, string>;
  /** Where `elsewhere` in a value leads. */
  readonly elsewhere: string;
}

let places = 0;

/** `given` as environment variables, in `ostinato.toml`, or in the profile in force; paths in it begin with `@`. */
export function placeWith(way: Way, given: Given): Place {
  const root = join(folder, String((places += 1)));
  const [user, project, elsewhere] = [join(root, 'user'), join(root, 'project'), join(root, 'elsewhere')];
  const usual = join(user, '.ostinato');
  for (const path of [usual, project]) mkdirSync(path, { recursive: true });
  const entries = Object.entries(given).map(
    ([name, text]) => [SETTINGS[name as SettingName].key, text.replace('@', elsewhere)] as const,
  );
  const toml = entries.map(([key, text]) => `${key} = ${JSON.stringify(text)}\n`).join('');
  if (way === 'project') writeFileSync(join(project, 'ostinato.toml'), toml);
  const home =
    given.home === undefined || way === 'profile' || way === 'default' ? usual : given.home.replace('@', elsewhere);
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'profiles.toml'),
    `[profiles.default]\n${way === 'profile' ? toml : ''}[profiles.other]\napi.timeout_seconds = 7\n`,
  );
  const env =
    way === 'environment' ? Object.fromEntries(entries.map(([key, text]) => [environmentName(key), text])) : {};
  return { home, project, elsewhere, env: { HOME: user, OSTINATO_HOME: '', OSTINATO_SERVER_BUILD_PAGES: '', ...env } };
}

const FLOW = `
import { writeFileSync } from 'node:fs';
import { flow, runContext, task } from 'ostinato';
let [running, most] = [0, 0];
const turn = () => new Promise((go) => setImmediate(go));
const one = task(async (x: number) => { most = Math.max(most, (running += 1)); await turn(); await turn(); running -= 1; return x; }, { name: 'one' });
const kept = task(() => 'value', { name: 'kept', resultName: 'daily/one.json' });
export default flow(async () => {
  runContext().logger.debug('a detail');
  console.log('printed');
  await one.map([1, 2, 3, 4]);
  await kept();
  writeFileSync('most.txt', String(most));
  return 'done';
}, { name: 'observed' });
`;

/** A flow is run by the command in a process of its own. */
export async function seeRun(way: Way, given: Given): Promise<Seen> {
  const { home, project, elsewhere, env } = placeWith(way, given);
  writeFileSync(join(project, 'observed.ts'), FLOW);
  const ended = await runProgram(process.execPath, [LAUNCHER, 'run', 'observed.ts'], { cwd: project, env });
  if (ended.exitCode !== 0) throw new Error(ended.stderr);
  const isMoved = existsSync(join(elsewhere, 'home', 'journals'));
  const own = join(elsewhere, 'own.db');
  const storage = openSqliteStorage({ path: existsSync(own) ? own : join(home, 'ostinato.db') });
  try {
    const [run] = await storage.list('flow_run', { limit: 1 });
    if (run === undefined) throw new Error('no run');
    const logs = (await storage.list('log', { where: matching({ flowRunId: run.id }) })).map(({ message }) => message);
    return {
      home: isMoved,
      databaseUrl: existsSync(own),
      resultsPath:
        existsSync(join(elsewhere, 'kept')) &&
        readdirSync(join(elsewhere, 'kept'), { recursive: true }).some((name) => String(name).includes('one.json')),
      logLevel: logs.includes('a detail'),
      logCaptureConsole: logs.includes('printed'),
      durability: run.durability,
      resultsPersist: 'data' in run.state ? run.state.data?.kind : null,
      runnerConcurrency: Number(readFileSync(join(project, 'most.txt'), 'utf8')),
    };
  } finally {
    storage.close();
  }
}

/** In this process, whose HOME is another. */
const at = ({ home, project, env }: Place) => ({ env: { ...env, OSTINATO_HOME: home }, cwd: project });

/** A command asks a server that notes who asked, and answers nothing below `/slow`. */
export async function seeCommand(way: Way, given: Given): Promise<Seen> {
  const heard: (string | undefined)[] = [];
  const server: Server = createServer(({ url, headers }, response) => {
    heard.push(headers.authorization);
    if (url?.startsWith('/slow') !== true) response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string, more: Given) => {
    const place = placeWith(way, { ...more, ...('apiUrl' in given ? { apiUrl: `${origin}${path}` } : {}) });
    heard.length = 0;
    const { stderr } = await callCommand(['block', 'ls'], at(place));
    return { stderr, heard: [...new Set(heard)] };
  };
  try {
    const { apiAuthString, apiKey, apiTimeoutSeconds, profile } = given;
    const named = placeWith(way === 'profile' ? 'default' : way, profile === undefined ? {} : { profile });
    const words = way === 'profile' && profile !== undefined ? ['--profile', profile] : [];
    const view = await callCommand([...words, 'config', 'view', '-o', 'json'], at(named));
    return {
      apiUrl: (await ask('/api', {})).heard.length > 0,
      apiAuthString: (await ask('/api', apiAuthString === undefined ? {} : { apiAuthString })).heard,
      apiKey: (await ask('/api', apiKey === undefined ? {} : { apiKey })).heard,
      apiTimeoutSeconds:
        apiTimeoutSeconds === undefined
          ? null
          : /no answer within (\S+) s/.exec((await ask('/slow', { apiTimeoutSeconds })).stderr)?.[1],
      profile: (JSON.parse(view.stdout) as { settings: Record<string, unknown> }).settings['api.timeout_seconds'],
    };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const DAY = 86_400;

async function fill({ home }: Place) {
  const storage = openSqliteStorage({ path: join(home, 'ostinato.db') });
  const flow = makeFlow('sales');
  await storage.ensureFlow('sales', () => flow);
  const now = (Date.now() * 1000) as Instant;
  const ago = (days: number) => addSeconds(now, -days * DAY);
  const ended = (days: number) =>
    makeFlowRun(flow, { state: makeState({ type: 'COMPLETED', data: null }, ago(days)), endTime: ago(days) });
  const [old, recent, silent] = [
    ended(100),
    ended(10),
    makeFlowRun(flow, { state: makeState({ type: 'RUNNING' }, ago(0)) }),
  ];
  for (const run of [old, recent, silent]) await storage.insertFlowRun(run, []);
  // The newest record of a store stays, whatever its age.
  await storage.writeLogs([makeLog({ flowRunId: recent.id, timestamp: ago(20) }), makeLog({ timestamp: ago(0) })]);
  const artifact = makeArtifact({ flowRunId: recent.id, createdAt: ago(10), updatedAt: ago(10) });
  await storage.insertArtifact(artifact, makeEvent());
  const order = makeActionOrder();
  await storage.insertActionOrders([order], now);
  storage.close();
  const text = 'x'.repeat(10_000);
  const key = new ResultFiles(join(home, 'results')).write(hashText(text), text, { sync: false });
  const result = join(home, 'results', key.slice(0, 2), key.slice(2, 4), key);
  utimesSync(result, ago(100) / 1e6, ago(100) / 1e6);
  return { old, recent, silent, artifact, result, ordered: order.firing.automationId };
}

const launcher = { path: '' };

/** A server is started by the command in a process of its own, and asked as clients and pages of elsewhere ask. */
export async function seeServer(way: Way, given: Given): Promise<Seen> {
  if (launcher.path === '') launcher.path = join(makePagesCheckout(folder), 'bin', 'ostinato.js');
  const place = placeWith(way, given);
  const { old, recent, silent, artifact, result, ordered } = await fill(place);
  const look = async (): Promise<Seen> => {
    const storage = openSqliteStorage({ path: join(place.home, 'ostinato.db') });
    try {
      return {
        retentionRuns: (await storage.readFlowRun(old.id)) !== null,
        retentionLogs: (await storage.list('log', { where: matching({ flowRunId: recent.id }) })).length,
        retentionArtifacts: (await storage.readArtifact(artifact.id)) !== null,
        retentionResults: existsSync(result),
        serverSilentRunsSeconds: (await storage.readFlowRun(silent.id))?.state.type,
        serverAutomationActions: (await storage.listActionRecords(ordered, 1))[0]?.receipt !== null,
      };
    } finally {
      storage.close();
    }
  };
  const before = await look();
  const server = startOstinato(
    { home: dirname(place.home), project: place.project },
    ['server', 'start', '--port', '0'],
    place.env,
    launcher.path,
  );
  const url = await until('it serves', () => /serves at (http:\S+)[\s\S]*stops it/.exec(server.text().stderr)?.[1]);
  const isTold = given.serverAuthString !== undefined;
  const me = isTold ? { authorization: `Basic ${btoa(given.serverAuthString)}` } : {};
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: unknown) =>
    send(url, method, path, { 'content-type': 'application/json', ...headers }, body);
  const write = async (path: string, body: unknown) =>
    JSON.parse((await ask('POST', path, { ...me, ...token }, body)).text || '{}') as { id: string };
  let token: Record<string, string> = {};
  try {
    const seen: Seen = {
      serverAuthString: (await ask('GET', '/api/flows/name/x', {})).status,
      serverCsrfProtection: (await ask('POST', '/api/flows/filter', me, {})).status,
      serverAllowedHosts: (await ask('GET', '/api/version', { ...me, host: 'proxy.example' })).status,
      serverCorsAllowedOrigins:
        (await ask('GET', '/api/version', { ...me, origin: 'https://app.example' })).allowed ?? null,
    };
    if (seen.serverCsrfProtection === 403) {
      const { token: csrf } = JSON.parse((await ask('GET', '/api/csrf-token?client=c', me)).text) as { token: string };
      token = { 'prefect-csrf-token': csrf, 'prefect-csrf-client': 'c' };
    }
    const type = await write('/api/block_types/', { name: 'Warehouse', slug: 'warehouse' });
    const schema = await write('/api/block_schemas/', {
      block_type_id: type.id,
      fields: {
        title: 'Warehouse',
        type: 'object',
        properties: { password: { type: 'string', format: 'password' } },
        secret_fields: ['password'],
        block_schema_references: {},
      },
    });
    await write('/api/block_documents/', {
      name: 'main',
      data: { password: 'hunter' },
      block_schema_id: schema.id,
      block_type_id: type.id,
    });
    seen.serverEncryptionKeys = readdirSync(place.home).some((name) => /key/.test(name));
    const told = await tellSomebody(write, isTold);
    const hasFired = await watchBeats(write);
    const beat = {
      id: crypto.randomUUID(),
      event: 'prefect.flow-run.heartbeat',
      occurred: new Date().toISOString(),
      resource: { 'prefect.resource.id': `prefect.flow-run.${silent.id}` },
      payload: {},
    };
    await ask('POST', '/api/events', { ...me, ...token }, [beat]);
    // With the settings, time passes until each has worked; without them, nobody waits for nothing to happen.
    if (isTold)
      await until('runs, logs, artifacts and results are forgotten, and the silent run is ended', async () =>
        Object.entries(await look()).every(
          ([name, value]) => name === 'serverAutomationActions' || value !== before[name as SettingName],
        ),
      );
    else {
      await until('the pages are begun', () => server.text().stderr.includes('being built'));
      await until('what was ordered is done', async () => (await look()).serverAutomationActions);
      await until('the automation fires', hasFired);
    }
    return {
      ...seen,
      ...(await look()),
      ...told,
      serverBuildPages: server.text().stderr.includes('being built'),
      serverAutomationTriggers: await hasFired(),
    };
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
  }
}

/** @param isTold without the settings the second would go to the service itself, which no test asks */
async function tellSomebody(write: (path: string, body: unknown) => Promise<object>, isTold: boolean): Promise<Seen> {
  const receiver = await openReceiver();
  const tell = async (slug: string, data: Readonly<Record<string, unknown>>) => {
    const id = await makeChannel((path, body) => write(`/api${path}`, body), slug, slug, data);
    const tested = await write(`/api/ostinato/block_documents/${id}/notification-test`, {});
    return tested as { readonly outcome?: unknown; readonly receipt?: string };
  };
  try {
    const { outcome: serverNotificationTargets } = await tell('slack-webhook', { url: receiver.url });
    const { receipt = '' } = await tell('apprise-notification', { url: 'json://127.0.0.1:1' });
    const pager = { integration_key: 'a', api_key: 'b' };
    const serverNotificationGateways = isTold ? (await tell('pager-duty-webhook', pager)).outcome : null;
    const serverNotificationPython = receipt.includes('/no/such/python');
    return { serverNotificationTargets, serverNotificationGateways, serverNotificationPython };
  } finally {
    receiver.close();
  }
}

/** An automation that looks at heartbeats. @returns whether it has fired */
async function watchBeats(write: (path: string, body: unknown) => Promise<object>): Promise<() => Promise<boolean>> {
  await write('/api/automations/', {
    name: 'watch',
    trigger: { type: 'event', posture: 'Reactive', expect: ['prefect.flow-run.heartbeat'] },
    actions: [{ type: 'do-nothing' }],
  });
  const filter = { event: { name: ['prefect.automation.triggered'] } };
  return async () => ((await write('/api/events/filter', { filter })) as { readonly total: number }).total > 0;
}

function send(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<{ status: number; allowed: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, allowed: response.headers['access-control-allow-origin'], text }),
      );
    });
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
