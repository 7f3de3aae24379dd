/** Whatever is sent to a server, it answers, says what is wrong in few words, and goes on serving others. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';

import { startOstinato, until, type Background } from './background.ts';
import { fattened, shapes, type HostileBody, type Schema } from './hostile-bodies.ts';
import { makePlace } from './launch.ts';

/** Only a server that stands still takes so long, on a machine however busy. */
const STANDSTILL_MS = 15_000;
/** Whoever is never answered shall not wait for ever. */
const GUARD = { timeout: 300_000 };
const REPEATED_CHARACTERS_MAX = 60_000;
const MEMORY_MB_MAX = 700;

interface Heard {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

const place = makePlace();
let server: Background;
let port = 0;
const agent = new Agent({ keepAlive: true });

before(async () => {
  server = startOstinato(place, ['server', 'start', '--port', '0']);
  port = Number(
    await until(
      'the server says where it is',
      () => /http:\/\/127\.0\.0\.1:(\d+)/.exec(server.text().stdout + server.text().stderr)?.[1],
    ),
  );
  await until('it is ready', async () => (await ask('GET', '/health').catch(() => null))?.status === 200);
});
after(async () => {
  agent.destroy();
  server.child.kill('SIGKILL');
  await server.ended;
});

function ask(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Heard> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const length =
      body === undefined
        ? {}
        : { 'content-length': String(Buffer.byteLength(body)), 'content-type': 'application/json' };
    const sent = request(
      { host: '127.0.0.1', port, method, path: `/api${path}`, agent, headers: { ...length, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
            ms: performance.now() - startedAt,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function memoryMb(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    // Only Linux tells.
    return 0;
  }
}

test('every operation that takes a body answers any body, and others are served meanwhile', GUARD, async () => {
  const { paths, components } = JSON.parse((await ask('GET', '/openapi.json')).text) as {
    readonly paths: Record<
      string,
      Record<
        string,
        { readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } } }
      >
    >;
    readonly components: { readonly schemas: Schema };
  };
  const flow = (JSON.parse((await ask('POST', '/flows/', '{"name":"under fire"}')).text) as { readonly id: string }).id;
  const run = (
    JSON.parse((await ask('POST', '/flow_runs/', JSON.stringify({ flow_id: flow }))).text) as { readonly id: string }
  ).id;
  const raw = shapes(300_000);
  let operations = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      if (requestBody === undefined) continue;
      operations += 1;
      const own = fattened(requestBody.content['application/json'].schema, components.schemas);
      // Each operation gets others of them: together all shapes, and places in all schemas.
      const picked = (all: readonly HostileBody[], count: number): HostileBody[] =>
        Array.from(
          { length: count },
          (_, index) => all[(operations * 7 + index * Math.ceil(all.length / count)) % all.length] as HostileBody,
        );
      const address = path
        .slice('/api'.length)
        .replace('{id}', path.includes('/flows/') ? flow : run)
        .replaceAll(/\{\w+\}/g, 'x');
      for (const { what, text, headers } of [...picked(raw, 4), ...picked(own, 5)]) {
        const sent = typeof text === 'string' ? text.replaceAll('0190a1b2-c3d4-7e5f-8a9b-000000000001', flow) : text;
        const [answer, health] = await Promise.all([
          ask(method.toUpperCase(), address, sent, headers),
          ask('GET', '/health'),
        ]);
        const words = `${method} ${address}: ${what} → ${answer.status} ${answer.text.slice(0, 300)}`;
        assert.ok(answer.status >= 200 && answer.status < 500, words);
        assert.ok(
          answer.status < 400 || answer.text.length < REPEATED_CHARACTERS_MAX,
          `${answer.text.length} characters: ${words}`,
        );
        assert.ok(health.status === 200 && health.ms < STANDSTILL_MS, `health after ${health.ms} ms: ${words}`);
      }
    }
  }
  assert.ok(operations > 60, `${operations} operations`);
  assert.ok(memoryMb() < MEMORY_MB_MAX, `${memoryMb()} MB`);
});

test('many large bodies at once are read one after the other, and others are served in between', GUARD, async () => {
  const value = `[${'1.0,{},'.repeat(60_000)}1]`;
  let pending = 12;
  let servedMeanwhile = 0;
  const heavy = Array.from({ length: pending }, async (_, index) => {
    const { status } = await ask(
      'POST',
      '/artifacts/',
      JSON.stringify({ key: `heavy-${index}`, description: 'x'.repeat(8_000_000) }).replace(/}$/, `,"data":${value}}`),
    );
    pending -= 1;
    return status;
  });
  while (pending > 0) {
    assert.equal((await ask('GET', '/health')).status, 200);
    if (pending > 0) servedMeanwhile += 1;
  }
  for (const status of await Promise.all(heavy)) assert.ok([201, 503].includes(status), String(status));
  assert.ok(servedMeanwhile > 3, `${servedMeanwhile} others`);
  assert.ok(memoryMb() < 2 * MEMORY_MB_MAX, `${memoryMb()} MB`);
});

test('what is refused for its size is read to its end: the client hears why', GUARD, async () => {
  const large = 'x'.repeat(3_000_000);
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    const { status, text } =
      'transfer-encoding' in headers ? await askInChunks(large) : await ask('POST', '/variables/', large);
    assert.deepEqual([status, text], [413, '{"detail":"The body is too large."}']);
  }
  assert.equal((await ask('POST', '/flows/', Buffer.from('{"name":"a"}'), { 'content-encoding': 'br' })).status, 415);
  assert.equal(
    (await ask('POST', '/flows/', Buffer.from('{"name":"as it is"}'), { 'content-encoding': 'identity' })).status,
    201,
  );
});

test('texts that are not in UTF-8 are refused, never kept as others', GUARD, async () => {
  const kept = Buffer.from('{"name":"utf-8","value":"é€😀\ufffd"}');
  assert.equal((await ask('POST', '/variables/', kept)).status, 201);
  const wrong = ['ff', 'c0af', 'e282', 'eda080', 'f4908080', 'f09f98', '80'].map((hex) => Buffer.from(hex, 'hex'));
  for (const bytes of wrong) {
    for (const padding of ['', ' '.repeat(100_000)]) {
      const body = Buffer.concat([Buffer.from(`${padding}{"name":"latin","value":"`), bytes, Buffer.from('"}')]);
      const { status, text } = await ask('POST', '/variables/', body);
      assert.deepEqual(
        [status, text],
        [400, '{"detail":"The body is not in UTF-8: its texts would not be kept as they were sent."}'],
        bytes.toString('hex'),
      );
    }
  }
  assert.equal((await ask('GET', '/variables/name/latin')).status, 404);
});

async function askInChunks(text: string): Promise<Pick<Heard, 'status' | 'text'>> {
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < text.length; at += 65_536) controller.enqueue(Buffer.from(text.slice(at, at + 65_536)));
      controller.close();
    },
  });
  const answer = await fetch(`http://127.0.0.1:${port}/api/variables/`, {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  } as RequestInit);
  return { status: answer.status, text: await answer.text() };
}

test('clients that send a piece and no more hold nobody up, and may go', GUARD, async () => {
  const slow = Array.from({ length: 100 }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /api/logs/ HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 30000000\r\n\r\n[',
    );
    return socket;
  });
  assert.equal((await ask('GET', '/health')).status, 200);
  for (const socket of slow) socket.destroy();
  assert.equal((await ask('POST', '/flows/filter', '{}')).status, 200);
});

test('frames of any shape leave the sockets and the server standing', GUARD, async () => {
  const texts = [...shapes(200_000), ...shapes(1_400_000)]
    .filter(({ text }) => typeof text === 'string')
    .map(({ text }) => text as string);
  const event = (payload: string, labels = ''): string =>
    `{"id":"0190a1b2-c3d4-7e5f-8a9b-000000000001","occurred":"2026-11-22T18:13:00Z","event":"e","resource":{"prefect.resource.id":"r"${labels}},"payload":{"a":${payload}}}`;
  const frames = [
    ...texts,
    event('['.repeat(700_000) + ']'.repeat(700_000)),
    event('1', `,${Array.from({ length: 50_000 }, (_, index) => `"l${index}":"v"`).join(',')}`),
    event('"fine"'),
  ];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/events/in`);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  for (const frame of frames) socket.send(frame);
  for (let ping = 0; ping < 1000; ping += 1) socket.ping();
  await new Promise((resolve, reject) => socket.once('pong', resolve).once('close', reject));
  socket.terminate();
  const { text } = await ask('POST', '/events/filter', '{"filter":{"event":{"name":["e"]}}}');
  assert.equal((JSON.parse(text) as { readonly total: number }).total, 1, 'the one that is fine');
  assert.equal(server.child.exitCode, null);
  assert.ok(!/invariant|RangeError|stack/.test(server.text().stderr), server.text().stderr.slice(0, 2000));
});
