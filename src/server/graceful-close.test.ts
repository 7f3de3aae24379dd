import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test } from 'node:test';

import { createApi } from '../api/app.ts';
import { ok, operation } from '../api/operation.ts';
import { HEALTH } from '../contract/routes/service.ts';
import { gracefulClose } from './graceful-close.ts';

async function serve(handle: () => Promise<unknown>, graceMs?: number) {
  const slow = operation({ ...HEALTH, path: '/slow', name: 'slow' }, async () => ok(await handle()));
  const app = createApi({
    operations: [slow],
    gate: { authString: null },
    answersFirst: true,
    onFailure: (error) => assert.fail(String(error)),
  });
  const close = gracefulClose(app, graceMs);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { close, port: (app.server.address() as AddressInfo).port };
}

function ask(port: number, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/api/slow', agent }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += String(chunk)));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', reject).end();
  });
}

test(
  'what is under way is answered before the server is closed; kept and silent connections do not keep it',
  { timeout: 60_000 },
  async () => {
    const release = Promise.withResolvers<string>();
    const begun = Promise.withResolvers<void>();
    let count = 0;
    const { close, port } = await serve(() => {
      if ((count += 1) === 9) begun.resolve();
      return count === 1 ? Promise.resolve('kept') : release.promise;
    });
    const agent = new Agent({ keepAlive: true });
    assert.equal((await ask(port, agent)).text, '"kept"');
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    const other = new Agent({ keepAlive: true });
    const asked = Array.from({ length: 8 }, () => ask(port, other));
    await begun.promise;
    const closed = close();
    await once(silent, 'close');
    release.resolve('done');
    assert.deepEqual(
      await Promise.all(asked),
      asked.map(() => ({ status: 200, text: '"done"' })),
    );
    await closed;
    await assert.rejects(ask(port, new Agent()), { code: 'ECONNREFUSED' });
    agent.destroy();
    other.destroy();
  },
);

test('what takes longer than it has is cut off', { timeout: 60_000 }, async () => {
  const begun = Promise.withResolvers<void>();
  const { close, port } = await serve(() => {
    begun.resolve();
    return new Promise(() => undefined);
  }, 20);
  const agent = new Agent();
  const asked = assert.rejects(ask(port, agent));
  await begun.promise;
  const trickling = connect(port, '127.0.0.1').on('error', () => undefined);
  trickling.write('GET /api/slow HTTP/1.1\r\nHo');
  await once(trickling, 'connect');
  await close();
  await asked;
});
