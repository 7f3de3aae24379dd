/**
 * A home in which something has happened, for the walk over all flags: runs, events, artifacts, variables, a block, a
 * limit, a server.
 */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startOstinato, until, type Background } from './background.ts';
import { callCommand, startCommand, type Call, type InProcess } from './in-process.ts';
import { makePlace, type Ended, type Place } from './launch.ts';

const FLOWS = `
import { existsSync } from 'node:fs';
import { artifacts, flow, runContext, task } from 'ostinato';
const load = task(async (n: number) => { runContext().logger.warning('slow to load'); console.log('loaded'); return n; }, { name: 'load' });
const price = task(async () => { if (!existsSync('go')) throw new Error('no price'); return 1; }, { name: 'price' });
const inner = flow(async () => { console.log('from within'); return load(1); }, { name: 'inner', runName: 'inner-run' });
export const good = flow(async ({ day = 'x' }: { day?: string } = {}) => {
  await inner();
  console.log('from the flow');
  await artifacts.markdown('# one', { key: 'report' });
  await artifacts.markdown('# two', { key: 'report' });
  await artifacts.table([{ a: 1 }], { key: 'rows' });
  return day;
}, { name: 'good', runName: 'good-run', tags: ['nightly'] });
export const bad = flow(async () => { await price(); }, { name: 'bad', runName: 'bad-run' });
`;

export interface FlagWorld {
  readonly place: Place;
  readonly at: InProcess;
  readonly call: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly start: (words: readonly string[]) => Call;
  /** In a process of its own, which flows run in. */
  readonly spawn: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly json: <T>(words: readonly string[]) => Promise<T>;
  /** Of the server of this home. */
  readonly post: (path: string, body: unknown) => Promise<Readonly<Record<string, unknown>>>;
  readonly patch: (path: string, body: unknown) => Promise<void>;
  /** A run that some other client runs. @returns its name */
  readonly running: () => Promise<string>;
  /** One that is due, and that nobody takes. @returns its name */
  readonly waiting: () => Promise<string>;
  /** A flow run that is over. @returns its name */
  readonly over: () => Promise<string>;
  readonly block: () => Promise<string>;
  readonly artifact: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

let count = 0;
export const fresh = (what: string): string => `${what}-${(count += 1)}`;

export async function openFlagWorld(place: Place): Promise<FlagWorld> {
  const at: InProcess = { env: { OSTINATO_HOME: place.home }, cwd: place.project };
  const call = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    callCommand(words, { ...at, env: { ...at.env, ...env } });
  const spawn = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    place.ostinato(words, { env });
  const json = async <T>(words: readonly string[]): Promise<T> =>
    JSON.parse((await call([...words, '-o', 'json'])).stdout) as T;
  writeFileSync(join(place.project, 'flows.ts'), FLOWS);
  writeFileSync(join(place.project, 'gone.ts'), FLOWS.replaceAll("'bad", "'gone"));
  for (const file of ['flows.ts:good', 'flows.ts:bad', 'gone.ts:bad']) await spawn(['run', file]);
  renameSync(join(place.project, 'gone.ts'), join(place.project, 'moved.ts'));
  await spawn(['server', 'start', '--port', '0', '--background']);
  const { url } = await json<{ url: string }>(['server', 'status', '--wait']);
  const send = async (method: string, path: string, body: unknown): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
  };
  const post = (path: string, body: unknown) => send('POST', path, body);
  const flow = await post('/flows/', { name: 'theirs' });
  const run = async (type: string): Promise<string> => {
    const name = fresh('theirs');
    await post('/flow_runs/', { flow_id: flow['id'], name, state: { type } });
    return name;
  };
  const type = await post('/block_types/', { name: 'Warehouse', slug: 'warehouse' });
  const schema = await post('/block_schemas/', {
    block_type_id: type['id'],
    fields: { title: 'Warehouse', type: 'object', properties: {}, block_schema_references: {} },
  });
  return {
    place,
    at,
    call,
    spawn,
    json,
    post,
    patch: async (path, body) => void (await send('PATCH', path, body)),
    start: (words) => startCommand(words, at),
    running: () => run('RUNNING'),
    waiting: () => run('SCHEDULED'),
    over: () => run('COMPLETED'),
    block: async () => {
      const name = fresh('block');
      await post('/block_documents/', { name, data: {}, block_schema_id: schema['id'], block_type_id: type['id'] });
      return `warehouse/${name}`;
    },
    artifact: async () => {
      const key = fresh('artifact');
      await post('/artifacts/', { key, type: 'markdown', data: 'text' });
      return key;
    },
    stop: async () => void (await spawn(['server', 'stop'])),
  };
}

/**
 * `ostinato server start` in a home of its own, until it says where it is or has ended.
 * @returns what it said; it is stopped then
 */
export async function tryServer(words: readonly string[]): Promise<Ended> {
  const place = makePlace();
  const server: Background = startOstinato(place, ['server', 'start', ...words]);
  let ended: Ended | null = null;
  const done = server.ended.then((all) => (ended = all));
  await until('it serves, or has ended', () => ended !== null || server.text().stderr.includes('stops it'));
  if (ended === null) server.child.kill('SIGTERM');
  await done;
  await place.ostinato(['server', 'stop']);
  return await server.ended;
}

/**
 * Programs that only note that they were called, in front of all others: `npm`, and a browser.
 * @returns the folder of both and what they noted
 */
export function makeWitnesses(folder: string): { readonly bin: string; readonly notes: string } {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const notes = join(bin, 'notes.txt');
  mkdirSync(bin, { recursive: true });
  for (const name of ['npm', 'browser']) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> '${notes}'\n`);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(notes, '');
  return { bin, notes };
}
