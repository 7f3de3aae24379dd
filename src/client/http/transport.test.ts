import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../../core/errors.ts';
import { seededRandom } from '../../platform/random.ts';
import { createSeededIds } from '../../testing/seeded-ids.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { Instant } from '../../core/time.ts';
import { Transport, Unavailable } from './transport.ts';

interface Seen {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly atMs: number;
}
type Reply = Response | Error | 'never';

/** Answers one after the other; the last one repeats. */
function transportWith(
  replies: readonly (() => Reply)[],
  more: { readonly authString?: string; readonly apiKey?: string } = {},
) {
  const clock = new VirtualClock(0 as Instant);
  const seen: Seen[] = [];
  const transport = new Transport({
    apiUrl: 'http://there/api',
    authString: more.authString ?? null,
    apiKey: more.apiKey ?? null,
    timeoutSeconds: 5,
    version: '1.2.3',
    clock,
    ids: createSeededIds(clock, seededRandom(1)),
    random: () => 0.5,
    fetch: async (url, init) => {
      seen.push({
        url,
        method: init.method ?? '',
        headers: init.headers as Record<string, string>,
        atMs: clock.now() / 1000,
      });
      const reply = (replies[seen.length - 1] ?? replies.at(-1))?.() ?? 'never';
      if (reply === 'never')
        return await new Promise<Response>((_, reject) =>
          init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
        );
      if (reply instanceof Error) throw reply;
      return reply;
    },
  });
  return { transport, seen };
}

const status =
  (code: number, body = '{}', headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { status: code, headers });
const refused = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) });
const reset = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }) });
const codeOf = async (asked: Promise<unknown>): Promise<string> =>
  await asked.then(
    () => 'no error',
    (error: unknown) => (OstinatoError.is(error) ? error.code : String(error)),
  );

test('the pause that the server asks for is kept', async () => {
  const { transport, seen } = transportWith([
    status(503, '', { 'retry-after': '2' }),
    status(429, '', { 'retry-after': '0.5' }),
    status(200, '"ok"'),
  ]);
  assert.equal(await transport.json({ method: 'GET', path: '/x', patienceMs: 10_000 }), 'ok');
  const pauses = seen.slice(1).map(({ atMs }, index) => Math.round(atMs - (seen[index]?.atMs ?? 0)));
  assert.deepEqual(pauses, [2000, 500]);
});

test('a pause longer than the patience is not waited for, and is told', async () => {
  const { transport, seen } = transportWith([status(503, '', { 'retry-after': '3600' })]);
  const error: unknown = await transport
    .send({ method: 'GET', path: '/x', patienceMs: 10_000 })
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof Unavailable);
  assert.equal(error.retryAfterMs, 3_600_000);
  assert.equal(seen.length, 1);
});

test('without a word from the server pauses grow, and end with the patience', async () => {
  const { transport, seen } = transportWith([refused]);
  assert.equal(await codeOf(transport.send({ method: 'GET', path: '/x', patienceMs: 1000 })), 'server-unavailable');
  assert.deepEqual(
    seen.slice(1).map(({ atMs }, index) => Math.round(atMs - (seen[index]?.atMs ?? 0))),
    [100, 200, 400],
  );
});

test('a server that never answers is left after the time limit', async () => {
  const { transport } = transportWith([() => 'never']);
  const error: unknown = await transport.send({ method: 'GET', path: '/x' }).catch((caught: unknown) => caught);
  assert.ok(error instanceof Unavailable && error.isAmbiguous);
  assert.match(error.message, /no answer within 5 s/);
});

test('whether a request may have been carried out', async () => {
  const ambiguous = async (reply: () => Reply): Promise<boolean> =>
    await transportWith([reply])
      .transport.send({ method: 'POST', path: '/x' })
      .then(
        () => assert.fail(),
        (error: Unavailable) => error.isAmbiguous,
      );
  assert.equal(await ambiguous(refused), false);
  assert.equal(await ambiguous(reset), true);
  assert.equal(await ambiguous(status(503)), true);
  assert.equal(await ambiguous(status(429)), false);
});

test('what must not be carried out twice is not repeated when it may have been carried out', async () => {
  const lost = transportWith([reset, status(200)]);
  assert.equal(
    await codeOf(lost.transport.send({ method: 'POST', path: '/x', patienceMs: 1000, once: true })),
    'server-unavailable',
  );
  assert.equal(lost.seen.length, 1);
  const never = transportWith([refused, status(200)]);
  assert.equal(
    await codeOf(never.transport.send({ method: 'POST', path: '/x', patienceMs: 1000, once: true })),
    'no error',
  );
});

test('what will never succeed is not tried again, and has its code', async () => {
  const codes: Readonly<Record<number, string>> = {
    400: 'bad-input',
    401: 'access-denied',
    403: 'access-denied',
    404: 'not-found',
    409: 'conflict',
    422: 'bad-input',
    405: 'unsupported',
  };
  for (const [code, expected] of Object.entries(codes)) {
    const { transport, seen } = transportWith([status(Number(code), '{"detail":"because"}')]);
    assert.equal(await codeOf(transport.send({ method: 'GET', path: '/x', patienceMs: 60_000 })), expected, code);
    assert.equal(seen.length, 1);
  }
  const own = transportWith([status(409, '{"code":"lease-lost","detail":"taken over","remedy":"stop"}')]);
  assert.equal(await codeOf(own.transport.send({ method: 'POST', path: '/x' })), 'lease-lost');
});

test('what is wrong with a request is told in words, place by place', async () => {
  const problems = [
    { loc: ['body', 'name'], msg: 'must not have a /', type: 'value_error' },
    { loc: ['body', 'slots', 0], msg: 'Field required' },
    { loc: ['body'], msg: 'too large' },
  ];
  const answer = { exception_message: 'Invalid request received.', exception_detail: problems };
  const { transport } = transportWith([status(422, JSON.stringify(answer))]);
  await assert.rejects(transport.send({ method: 'POST', path: '/x' }), (error: OstinatoError) => {
    assert.match(
      error.message,
      /Invalid request received\. name: must not have a \/; slots\.0: Field required; too large/,
    );
    assert.doesNotMatch(error.remedy, /OSTINATO_API_URL/);
    return true;
  });
});

test('a token against cross-site requests is fetched when the server wants one', async () => {
  const { transport, seen } = transportWith([
    status(403, '{"detail":"Missing CSRF token."}'),
    status(200, '{"token":"abc"}'),
    status(201),
    status(201),
  ]);
  await transport.send({ method: 'POST', path: '/x', body: '{}' });
  await transport.send({ method: 'POST', path: '/y', body: '{}' });
  assert.deepEqual(
    seen.map(({ method, headers }) => [method, headers['prefect-csrf-token']]),
    [
      ['POST', undefined],
      ['GET', undefined],
      ['POST', 'abc'],
      ['POST', 'abc'],
    ],
  );
});

test('who asks, and by which right', async () => {
  const basic = transportWith([status(200)], { authString: 'ada:löve' });
  await basic.transport.send({ method: 'GET', path: '/x' });
  assert.equal(basic.seen[0]?.headers['authorization'], `Basic ${Buffer.from('ada:löve').toString('base64')}`);
  assert.equal(basic.seen[0]?.headers['x-prefect-api-version'], '0.8.4');
  const bearer = transportWith([status(200)], { apiKey: 'key' });
  await bearer.transport.send({ method: 'GET', path: '/x' });
  assert.equal(bearer.seen[0]?.headers['authorization'], 'Bearer key');
});
