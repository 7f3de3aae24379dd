/** The same automations and events for Prefect's server and for ours: the same events set the same automations off. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { seededRandom } from '../../src/platform/random.ts';
import { prepareClients } from './clients.ts';
import { inFolder } from './script.ts';
import { answerOf, startOstinato, startPrefect, withServer } from './servers.ts';
import { until } from '../journeys/background.ts';

/** An empty database of Prefect's server, which takes long to make; Git ignores the folder. */
const TEMPLATE = join(import.meta.dirname, '.venv', 'prefect-3.9.1.db');
const SEED = 1;
/** Each with automations and events of its own, side by side. */
const WORLDS = 30;
const AUTOMATIONS_EACH = 3;
const ROUNDS = 14;
const NAMES = ['a', 'b', 'ab'] as const;
const WAIT_MS_MAX = 60_000;

before(async () => await prepareClients(() => undefined), { timeout: 900_000 });

type Json = Readonly<Record<string, unknown>>;

const random = seededRandom(SEED);
const below = (count: number): number => Math.floor(random() * count);
const oneOf = <T>(...values: readonly T[]): T => values[below(values.length)] as T;
const someOf = <T>(...values: readonly T[]): readonly T[] => values.filter(() => random() < 0.5);

function eventTrigger(world: number): Json {
  return {
    type: 'event',
    posture: 'Reactive',
    match: { 'prefect.resource.id': oneOf<unknown>(`w${world}.*`, [`w${world}.x`, `w${world}.y`], `w${world}.?`) },
    match_related: oneOf<unknown>({}, {}, { size: '!large' }, [{ size: 's*' }, { 'prefect.resource.role': 'friend' }]),
    after: random() < 0.3 ? [oneOf('a', 'b', 'a*')] : [],
    expect: someOf('a', 'b', 'a*', '!b'),
    for_each: someOf('prefect.resource.id', 'related:friend:size', 'missing'),
    threshold: oneOf(1, 1, 2, 3),
    within: oneOf(0, 30, 120, 600),
  };
}

function trigger(world: number): Json {
  // Of triggers that one event sets off, Prefect's server takes any first: here each has events of its own.
  const triggers = (): readonly Json[] =>
    NAMES.slice(below(2)).map((name) => ({ ...eventTrigger(world), expect: [name] }));
  const within = oneOf(null, 3600);
  switch (below(4)) {
    case 0:
      return { type: 'compound', within, require: oneOf<unknown>('any', 'all', 1), triggers: triggers() };
    case 1:
      return { type: 'sequence', within, triggers: triggers() };
    default:
      return eventTrigger(world);
  }
}

/** Triggers that fire when nothing comes: by their names, with the keys for which they are to. */
const SILENT: Readonly<Record<string, { readonly trigger: Json; readonly fires: readonly string[] }>> = {
  'silent-after': { trigger: { after: ['open'], expect: ['close'] }, fires: ['p.once', 'p.open'] },
  'silent-twice': {
    trigger: { after: ['open'], expect: ['close'], threshold: 2 },
    fires: ['p.closed', 'p.once', 'p.open'],
  },
  'silent-beat': { trigger: { after: ['open'], expect: ['open', 'close'] }, fires: ['p.once', 'p.open'] },
  'silent-none': { trigger: { after: ['never'], expect: ['close'] }, fires: [] },
};

function silent(trigger: Json): Json {
  return {
    type: 'event',
    posture: 'Proactive',
    match: { 'prefect.resource.id': 'p.*' },
    for_each: ['prefect.resource.id'],
    within: 10,
    ...trigger,
  };
}

/** `p.once` is opened twice. */
function silence(nowMs: number): readonly Json[] {
  const all: readonly (readonly [string, string])[] = [
    ['p.open', 'open'],
    ['p.once', 'open'],
    ['p.closed', 'open'],
    ['p.two', 'open'],
    ['p.closed', 'close'],
    ['p.once', 'open'],
    ['p.two', 'close'],
    ['p.two', 'close'],
    ['p.other', 'close'],
  ];
  return all.map(([id, event], index) => ({
    id: crypto.randomUUID(),
    event,
    occurred: new Date(nowMs + index).toISOString(),
    resource: { 'prefect.resource.id': id },
    related: [],
    payload: {},
  }));
}

/** One event for each world, later or earlier by some minutes than now. */
function round(startMs: number): readonly Json[] {
  return Array.from({ length: WORLDS }, (_, world) => ({
    id: crypto.randomUUID(),
    event: oneOf(...NAMES),
    occurred: new Date(startMs + below(900) * 1000).toISOString(),
    resource: { 'prefect.resource.id': `w${world}.${oneOf('x', 'y', 'zz')}` },
    related: someOf('small', 'large').map((size) => ({
      'prefect.resource.id': `friend.${size}`,
      'prefect.resource.role': oneOf('friend', 'other'),
      size,
    })),
    payload: {},
  }));
}

interface Fired {
  readonly events: readonly {
    readonly resource: Json;
    readonly payload: { readonly triggering_labels: Json; readonly triggering_event: { readonly id: string } | null };
  }[];
  readonly next_page: string | null;
}

const SILENCES = Object.values(SILENT).reduce((sum, { fires }) => sum + fires.length, 0);

/** Of an automation's firings, the keys. */
function keysOf(all: readonly string[], name: string): readonly string[] {
  return all
    .filter((one) => one.startsWith(`["${name}"`))
    .map((one) => /"prefect.resource.id":"(?<key>.*?)"/.exec(one)?.groups?.['key'] ?? '')
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function silentKeys(all: readonly string[]): number {
  return all.filter((one) => one.startsWith('["silent')).length;
}

/** Names of automations, each with the number of the event and the labels. */
async function firings(apiUrl: string, names: Json): Promise<readonly string[]> {
  const filter = { event: { name: ['prefect.automation.triggered'] }, ...names };
  const found: string[] = [];
  let page = await answerOf<Fired>(apiUrl, 'POST', '/events/filter', { filter, limit: 50 });
  for (;;) {
    for (const { resource, payload } of page.events)
      found.push(
        JSON.stringify([resource['prefect.resource.name'], payload.triggering_event?.id, payload.triggering_labels]),
      );
    if (page.next_page === null) return found.toSorted((a, b) => (a < b ? -1 : 1));
    page = (await (await fetch(page.next_page)).json()) as Fired;
  }
}

test('events set the same automations off as on the server of Prefect', () =>
  inFolder((folder) =>
    withServer(startPrefect(folder, TEMPLATE), (theirs) =>
      withServer(startOstinato(folder), async (ours) => {
        const both = [theirs.apiUrl, ours.apiUrl];
        const make = (name: string, made: Json) =>
          Promise.all(
            both.map((apiUrl) =>
              answerOf<{ readonly id?: string }>(apiUrl, 'POST', '/automations/', {
                name,
                trigger: made,
                actions: [{ type: 'do-nothing' }],
              }).then((answer) => answer.id ?? assert.fail(JSON.stringify([answer, made]))),
            ),
          );
        const triggers = new Map<string, Json>();
        for (let world = 0; world < WORLDS; world += 1)
          for (let index = 0; index < AUTOMATIONS_EACH; index += 1) {
            const [name, made] = [`w${world}-${index}`, trigger(world)];
            triggers.set(name, made);
            await make(name, made);
          }
        for (const [name, { trigger: given }] of Object.entries(SILENT)) await make(name, silent(given));
        // By it, it is seen that an event was looked at.
        const markers = await make('marker', { type: 'event', posture: 'Reactive', expect: [...NAMES] });
        const startMs = Date.now();
        const sent: Json[] = [];
        const send = async (apiUrl: string, events: readonly Json[]): Promise<void> => {
          const answer = await fetch(`${apiUrl}/events`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(events),
          });
          assert.equal(answer.status, 204);
        };
        const unheard = silence(startMs);
        await Promise.all(both.map((apiUrl) => send(apiUrl, unheard)));
        for (let turn = 0; turn < ROUNDS; turn += 1) {
          const events = round(startMs);
          sent.push(...events);
          for (const [index, apiUrl] of both.entries()) {
            await send(apiUrl, events);
            const resource = { id: [`prefect.automation.${markers[index]}`] };
            await until(
              `round ${turn} is looked at`,
              async () => (await firings(apiUrl, { resource })).length === sent.length,
              WAIT_MS_MAX,
            );
          }
        }
        for (const apiUrl of both)
          await until('silence is told of', async () => silentKeys(await firings(apiUrl, {})) >= SILENCES, WAIT_MS_MAX);
        const told = await Promise.all(both.map((apiUrl) => firings(apiUrl, {})));
        // Prefect's server takes events that come together in any order: which of them was the last is its own.
        for (const [name, { fires }] of Object.entries(SILENT))
          for (const all of told) assert.deepEqual(keysOf(all, name), fires, name);
        const [expected = [], found = []] = told.map((all) => all.filter((one) => one.startsWith('["w')));
        const differ = new Set(
          [...expected, ...found]
            .filter((one) => !expected.includes(one) || !found.includes(one))
            .map((one) => (JSON.parse(one) as readonly [string])[0]),
        );
        const shown = [...differ].map((name) => ({
          name,
          trigger: triggers.get(name),
          events: sent.filter(({ resource }) =>
            String((resource as Json)['prefect.resource.id']).startsWith(`${name.split('-')[0]}.`),
          ),
          theirs: expected.filter((one) => one.startsWith(`["${name}"`)),
          ours: found.filter((one) => one.startsWith(`["${name}"`)),
        }));
        assert.deepEqual(shown.slice(0, 3), [], `${differ.size} automations fire otherwise`);
        assert.ok(expected.length > WORLDS, `only ${expected.length} firings`);
      }),
    ),
  ));
