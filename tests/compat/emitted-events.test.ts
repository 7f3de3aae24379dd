/** What programs tell: the client's `emit_event` and `prefect event emit` with our server, and ours beside them. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';

import { until } from '../journeys/background.ts';
import { prepareClients, REFERENCE } from './clients.ts';
import { run, type Program } from './processes.ts';
import { inFolder } from './script.ts';
import { answerOf, clientEnvironment, startOstinato, withServer } from './servers.ts';

const PROGRAMS = join(import.meta.dirname, 'programs');
const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'ostinato.js');
const TIMEOUT_MS = 120_000;

before(async () => await prepareClients(() => undefined), { timeout: 900_000 });

interface WireEvent {
  readonly id: string;
  readonly event: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly related: readonly Readonly<Record<string, string>>[];
  readonly payload: unknown;
  readonly follows: string | null;
}

/** Oldest first. */
async function told(apiUrl: string, prefix: string, count: number): Promise<readonly WireEvent[]> {
  return await until(`${count} events are told`, async () => {
    const filter = { event: { prefix: [prefix] }, order: 'ASC' };
    const { events } = await answerOf<{ events: readonly WireEvent[] }>(apiUrl, 'POST', '/events/filter', { filter });
    return events.length >= count && events;
  });
}

async function ended(program: Program): Promise<void> {
  const { exitCode, stdout, stderr } = await run(program, TIMEOUT_MS);
  assert.equal(exitCode, 0, stdout + stderr);
}

/** Ids of runs and flows are drawn, and names of task runs are made otherwise. */
function comparable(events: readonly WireEvent[]): unknown {
  const names = new Map(events.map(({ id, event }) => [id, event]));
  return events
    .map(({ event, resource, related, payload, follows }) => ({
      event,
      resource,
      related: related.map((labels) =>
        Object.fromEntries(
          Object.entries(labels)
            .map(([name, value]) => [name, value.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, '<id>')] as const)
            .map(([name, value]) => [name, value.replace(/^ship-\w+$/, '<ship>')]),
        ),
      ),
      payload,
      follows: follows && names.get(follows),
    }))
    .toSorted((a, b) => (a.event < b.event ? -1 : 1));
}

test('what the real client tells of its runs, ours tells of its own', { timeout: 600_000 }, () =>
  inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const environment = clientEnvironment(REFERENCE.python, folder, apiUrl);
      await ended({ command: REFERENCE.python, words: [join(PROGRAMS, 'emitting_flow.py')], folder, environment });
      const theirs = await told(apiUrl, 'shop.', 4);
      await ended({
        command: process.execPath,
        words: [join(PROGRAMS, 'our-emitting-flow.ts')],
        folder,
        environment: {
          PATH: [dirname(process.execPath), process.env['PATH']].join(':'),
          HOME: folder,
          OSTINATO_HOME: join(folder, 'ours'),
          OSTINATO_API_URL: apiUrl,
        },
      });
      const known = new Set(theirs.map(({ id }) => id));
      const ours = (await told(apiUrl, 'shop.', 8)).filter(({ id }) => !known.has(id));
      assert.deepEqual(comparable(ours), comparable(theirs));
    }),
  ),
);

test('prefect event emit and ostinato event emit take the same words, and tell the same', { timeout: 600_000 }, () =>
  inFolder((folder) =>
    withServer(startOstinato(folder), async ({ apiUrl }) => {
      const related = '{"prefect.resource.id": "customer.1", "prefect.resource.role": "customer"}';
      const words = [
        '--resource',
        'place=north',
        '--resource-id',
        'order.1',
        '--related',
        related,
        '--payload',
        '{"n": 1}',
      ];
      await ended({
        command: REFERENCE.python,
        words: ['-m', 'prefect', 'event', 'emit', 'cli.shipped', ...words],
        folder,
        environment: clientEnvironment(REFERENCE.python, folder, apiUrl),
      });
      const [theirs] = await told(apiUrl, 'cli.', 1);
      const environment = {
        PATH: [dirname(process.execPath), process.env['PATH']].join(':'),
        HOME: folder,
        OSTINATO_HOME: join(folder, 'ours'),
        OSTINATO_API_URL: apiUrl,
      };
      await ended({
        command: process.execPath,
        words: [LAUNCHER, 'event', 'emit', 'cli.shipped', ...words],
        folder,
        environment,
      });
      const ours = (await told(apiUrl, 'cli.', 2)).find(({ id }) => id !== theirs?.id);
      assert.deepEqual(comparable(ours ? [ours] : []), comparable(theirs ? [theirs] : []));
    }),
  ),
);
