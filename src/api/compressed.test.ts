/** Which answers travel in fewer bytes, and to whom. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { createApi } from './app.ts';
import { COMPRESSED_BYTES_MIN } from './compressed.ts';
import { json, ok, operation } from './operation.ts';

const LONG = Array.from({ length: 500 }, (_, at) => ({ id: at, name: `ein-Läufer-${at}` }));
const TEXT = JSON.stringify(LONG);
const app = createApi({
  operations: [
    operation({ method: 'POST', path: '/long', name: 'long', tag: 'Test', summary: '' }, () => ok(LONG)),
    operation({ method: 'POST', path: '/bytes', name: 'bytes', tag: 'Test', summary: '' }, async () =>
      json(new TextEncoder().encode(TEXT)),
    ),
    operation({ method: 'POST', path: '/short', name: 'short', tag: 'Test', summary: '' }, () =>
      ok('x'.repeat(COMPRESSED_BYTES_MIN - 3)),
    ),
  ],
  gate: { authString: null },
  onFailure: (error) => assert.fail(String(error)),
});
after(() => app.close());

async function ask(path: string, headers: Readonly<Record<string, string>>) {
  const answer = await app.inject({ method: 'POST', url: `/api${path}`, headers });
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['vary']), /Accept-Encoding/);
  const coding = answer.headers['content-encoding'];
  const bytes =
    coding === 'br'
      ? brotliDecompressSync(answer.rawPayload)
      : coding === 'gzip'
        ? gunzipSync(answer.rawPayload)
        : answer.rawPayload;
  return { coding, text: bytes.toString('utf8'), size: answer.rawPayload.length };
}

const PAGE = { 'x-requested-with': 'ostinato-pages', 'sec-fetch-mode': 'cors' };

test('long answers to pages, and to whoever asks for it, in a form that they take', async () => {
  for (const path of ['/long', '/bytes']) {
    for (const [headers, coding] of [
      [{ ...PAGE, 'accept-encoding': 'gzip, deflate, br, zstd' }, 'br'],
      [{ ...PAGE, 'accept-encoding': 'gzip, deflate' }, 'gzip'],
      [{ 'accept-encoding': 'gzip' }, 'gzip'],
      [{ 'accept-encoding': 'deflate, gzip, br, zstd', 'user-agent': 'curl/8.5.0' }, 'br'],
    ] as const) {
      const answer = await ask(path, headers);
      assert.deepEqual([answer.coding, answer.text], [coding, TEXT], JSON.stringify(headers));
      assert.ok(answer.size < TEXT.length / 4, `${answer.size} bytes of ${TEXT.length}`);
    }
  }
});

test('never a short answer; and no program that fetches lists waits for the packing', async () => {
  assert.equal((await ask('/short', { ...PAGE, 'accept-encoding': 'gzip, br' })).coding, undefined);
  for (const headers of [
    {},
    { 'accept-encoding': 'identity' },
    { ...PAGE, 'accept-encoding': 'br;q=0, gzip;q=0' },
    { 'accept-encoding': 'gzip, deflate', 'user-agent': 'python-httpx/0.28.1' },
    { 'accept-encoding': 'gzip,deflate' },
    { 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'prefect/3.9.1 (API 0.8.4)' },
    { 'accept-encoding': 'br', 'user-agent': 'ostinato/0.1.0' },
  ] as Readonly<Record<string, string>>[]) {
    const answer = await ask('/long', headers);
    assert.deepEqual([answer.coding, answer.text], [undefined, TEXT], JSON.stringify(headers));
  }
});

test('with many under way, what comes next is sent as it is, and arrives', async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => ask('/long', { ...PAGE, 'accept-encoding': 'br' })),
  );
  assert.ok(answers.every(({ text }) => text === TEXT));
});
