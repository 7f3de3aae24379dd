/** Sends events over a WebSocket as Prefect's clients do, and tells when the server can show all of them. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { createIdSource } from '../src/platform/ids.ts';
import type { Client } from './load.ts';

const NAMES = ['bench.measured'];
/** So much may wait in the socket before the next event is made. */
export const BUFFERED_BYTES_MAX = 256 * 1024;
const POLL_MS = 20;
const TIMEOUT_MS = 300_000;

/** @returns microseconds from the first event sent until the last can be listed, and with it all */
export async function sendEvents(apiUrl: string, client: Client, count: number): Promise<number> {
  const run = randomUUID();
  // In the order of time, as those of Prefect's clients.
  const ids = createIdSource();
  const occurred = {
    since: new Date(Date.now() - 60_000).toISOString(),
    until: new Date(Date.now() + 600_000).toISOString(),
  };
  const socket = await openSocket(apiUrl);
  try {
    const startedAt = performance.now();
    let id = '';
    for (let index = 0; index < count; index += 1) {
      id = ids.next();
      socket.send(JSON.stringify(eventOf(id, run, index)));
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) await delay(1);
    }
    // Both servers write in the order in which events come: the last is looked for, which costs them little.
    await untilFound(apiUrl, client, { id: { id: [id] }, occurred }, 1);
    const microseconds = (performance.now() - startedAt) * 1000;
    await untilFound(apiUrl, client, { resource: { id: [`bench.run.${run}`] }, occurred }, count);
    return microseconds;
  } finally {
    socket.close();
  }
}

async function untilFound(apiUrl: string, client: Client, filter: unknown, count: number): Promise<void> {
  const endsAt = performance.now() + TIMEOUT_MS;
  for (let found = 0; found < count;) {
    if (performance.now() > endsAt) throw new Error(`only ${found} of ${count} events were recorded at ${apiUrl}`);
    const { status, text } = await client.send('POST', '/events/filter', { filter, limit: 1 });
    if (status === 200) found = (JSON.parse(text) as { readonly total: number }).total;
    if (found < count) await delay(POLL_MS);
  }
}

/** For events; of both servers. */
export async function openSocket(apiUrl: string): Promise<WebSocket> {
  const socket = new WebSocket(`${apiUrl.replace('http', 'ws')}/events/in`, ['prefect']);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error(`${apiUrl} takes no events`)));
    socket.addEventListener('open', () => socket.send('{"type":"auth","token":null}'));
    socket.addEventListener('message', ({ data }) =>
      String(data).includes('auth_success') ? resolve() : reject(new Error(String(data))),
    );
  });
  return socket;
}

/** As small as those of a task run's state: a resource, two related ones, a payload. The names come in turns. */
export function eventOf(id: string, run: string, index: number, names: readonly string[] = NAMES) {
  return {
    id,
    occurred: new Date().toISOString(),
    event: names[index % names.length],
    resource: { 'prefect.resource.id': `bench.run.${run}`, 'prefect.resource.name': 'measured' },
    related: [
      { 'prefect.resource.id': 'prefect.flow.bench', 'prefect.resource.role': 'flow' },
      { 'prefect.resource.id': 'prefect.tag.bench', 'prefect.resource.role': 'tag' },
    ],
    payload: { index, text: 'x'.repeat(200) },
  };
}
