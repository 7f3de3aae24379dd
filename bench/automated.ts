/** Automations that call a webhook, on whichever server; what they look at, and when their receiver hears of it. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { createIdSource } from '../src/platform/ids.ts';
import { BUFFERED_BYTES_MAX, eventOf, openSocket } from './events-socket.ts';
import { connect, type Answered, type Client } from './load.ts';

const CONNECTIONS = 8;
/** Events of one request. */
const POSTED_AT_ONCE = 20;
const HEARD_MS_MAX = 60_000;
const REMOVALS_MAX = 5;
/** A server that is slower is measured with what it has done by then. */
const MAKING_MS_MAX = 60_000;
const PACED_MS_MAX = 20_000;

/** Hears what webhooks send: the id of the event that it is about. */
export interface Receiver {
  readonly url: string;
  /** When each was heard first, in `performance.now()`. */
  readonly heard: ReadonlyMap<string, number>;
  /** @throws Error after a minute */
  untilHeard(id: string): Promise<number>;
  /** Until so many ids have been heard since the beginning, for a minute at most. */
  untilCount(count: number): Promise<void>;
  close(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const heard = new Map<string, number>();
  let onHeard: () => void = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const id = Buffer.concat(chunks).toString('utf8');
      if (!heard.has(id)) heard.set(id, performance.now());
      response.end('ok');
      onHeard();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const wait = (what: string, isThere: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the receiver has not heard ${what}`)), HEARD_MS_MAX);
      onHeard = () => {
        if (!isThere()) return;
        clearTimeout(timer);
        resolve();
      };
      onHeard();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    async untilHeard(id) {
      await wait(`of the event ${id}`, () => heard.has(id));
      return heard.get(id) as number;
    },
    untilCount: (count) => wait(`${count} messages`, () => heard.size >= count).catch(() => undefined),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface Automated {
  /** Names of events, one for each automation. */
  readonly names: readonly string[];
  /** Of making one, with as many at a time as there are connections. */
  readonly microsecondsEach: number;
  remove(): Promise<void>;
}

/** @param threshold how many events of its name make one of them fire */
export async function makeAutomations(
  apiUrl: string,
  receiver: Receiver,
  { count, threshold = 1, prefix }: { readonly count: number; readonly threshold?: number; readonly prefix: string },
): Promise<Automated> {
  const client = connect(apiUrl, CONNECTIONS);
  const block = await makeBlock(client, receiver.url, prefix);
  const wanted = Array.from({ length: count }, (_, index) => `${prefix}.${index}`);
  const made = new Map<string, string>();
  const left = wanted.values();
  const startedAt = performance.now();
  const maker = async (): Promise<void> => {
    for (const name of left) {
      if (performance.now() - startedAt > MAKING_MS_MAX) return;
      const trigger = {
        type: 'event',
        posture: 'Reactive',
        expect: [name],
        threshold,
        within: threshold === 1 ? 0 : 3600,
      };
      const actions = [{ type: 'call-webhook', block_document_id: block, payload: '{{ event.id }}' }];
      const { id } = await ask<{ readonly id: string }>(client, 'POST', '/automations/', { name, trigger, actions });
      made.set(name, id);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, maker));
  const microsecondsEach = ((performance.now() - startedAt) * 1000) / made.size;
  client.close();
  return {
    names: [...made.keys()],
    microsecondsEach,
    async remove() {
      const removing = connect(apiUrl, CONNECTIONS);
      const left = made.values();
      const remover = async (): Promise<void> => {
        // Prefect's server hangs up now and then when it is busy.
        for (const id of left)
          for (let time = 0; time < REMOVALS_MAX; time += 1)
            if (await removing.send('DELETE', `/automations/${id}`).then(isGone, () => false)) break;
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, remover));
      removing.close();
    },
  };
}

function isGone({ status }: Answered): boolean {
  return status < 300 || status === 404;
}

async function makeBlock(client: Client, url: string, name: string): Promise<string> {
  await client.send('POST', '/block_types/install_system_block_types');
  const type = await ask<{ readonly id: string }>(client, 'GET', '/block_types/slug/webhook');
  const [schema] = await ask<readonly { readonly id: string }[]>(client, 'POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type.id] } },
  });
  const { id } = await ask<{ readonly id: string }>(client, 'POST', '/block_documents/', {
    name: name.replaceAll('.', '-').toLowerCase(),
    data: { url },
    block_type_id: type.id,
    block_schema_id: schema?.id,
  });
  return id;
}

async function ask<T>(client: Client, method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await client.send(method, path, body);
  if (status > 299) throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
  return JSON.parse(text) as T;
}

export type Way = 'POST' | 'WebSocket';

/**
 * One event after the other, at times that follow no rhythm.
 *
 * @returns microseconds, from an event until the receiver hears of it
 */
export async function untilHeardEach(
  apiUrl: string,
  receiver: Receiver,
  names: readonly string[],
  { way, count, pauseMs }: { readonly way: Way; readonly count: number; readonly pauseMs: number },
): Promise<readonly number[]> {
  const ids = createIdSource();
  const client = connect(apiUrl, 1);
  const socket = way === 'WebSocket' ? await openSocket(apiUrl) : null;
  const times: number[] = [];
  try {
    const endsAt = performance.now() + PACED_MS_MAX;
    for (let index = 0; index < count && (index === 0 || performance.now() < endsAt); index += 1) {
      await delay(pauseMs * (0.5 + Math.random()));
      const event = eventOf(ids.next(), 'paced', index * 7, names);
      const sentAt = performance.now();
      if (socket === null) await send(client, [event]);
      else socket.send(JSON.stringify(event));
      times.push(((await receiver.untilHeard(event.id)) - sentAt) * 1000);
    }
  } finally {
    socket?.close();
    client.close();
  }
  return times;
}

async function send(client: Client, events: readonly unknown[]): Promise<void> {
  const { status, text } = await client.send('POST', '/events', events);
  if (status > 299) throw new Error(`events were answered with ${status}: ${text}`);
}

/**
 * Events as fast as the server takes them; the last of each name makes its automation fire.
 *
 * @returns microseconds for one of them, until the receiver has heard of all those firings
 */
export async function timeCounted(
  apiUrl: string,
  receiver: Receiver,
  names: readonly string[],
  { way, count }: { readonly way: Way; readonly count: number },
): Promise<number> {
  const ids = createIdSource();
  const heardBefore = receiver.heard.size;
  const startedAt = performance.now();
  const event = (index: number) => eventOf(ids.next(), 'counted', index, names);
  if (way === 'WebSocket') {
    const socket = await openSocket(apiUrl);
    for (let index = 0; index < count; index += 1) {
      socket.send(JSON.stringify(event(index)));
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) await delay(1);
    }
    await receiver.untilCount(heardBefore + names.length);
    socket.close();
  } else {
    const client = connect(apiUrl, CONNECTIONS);
    const starts = Array.from({ length: Math.ceil(count / POSTED_AT_ONCE) }, (_, index) => index * POSTED_AT_ONCE);
    const left = starts.values();
    const sender = async (): Promise<void> => {
      for (const start of left)
        await send(
          client,
          Array.from({ length: Math.min(POSTED_AT_ONCE, count - start) }, (_, index) => event(start + index)),
        );
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, sender));
    await receiver.untilCount(heardBefore + names.length);
    client.close();
  }
  const heard = receiver.heard.size - heardBefore;
  if (heard === 0) throw new Error(`${count} events made no automation fire at ${apiUrl}`);
  // What had not fired after a minute is not waited for: so many events have counted.
  return ((performance.now() - startedAt) * 1000) / ((count * heard) / names.length);
}
