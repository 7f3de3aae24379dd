/** `event stream` goes on where it stood when its server is started anew. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';

// Before the folder is removed.
after(async () => void (await ostinato(['server', 'stop'])));
const place = makePlace();
const { ostinato } = place;

async function start(port: string): Promise<string> {
  assert.equal((await ostinato(['server', 'start', '--port', port, '--background'])).exitCode, 0);
  return (JSON.parse((await ostinato(['server', 'status', '--wait', '-o', 'json'])).stdout) as { url: string }).url;
}

/** In this home, whether a server is there or not. */
async function setVariable(name: string): Promise<string> {
  const { exitCode, stderr } = await ostinato(['variable', 'set', name, '1']);
  assert.equal(exitCode, 0, stderr);
  return name;
}

test('what happens while the server is away is heard when it is back, each once', async () => {
  const url = await start('0');
  const stream = startOstinato(place, ['event', 'stream', '--name', 'prefect.variable.', '-o', 'json'], {
    OSTINATO_API_URL: `${url}/api`,
  });
  const heard = (): readonly string[] =>
    stream
      .text()
      .stdout.split('\n')
      .slice(0, -1)
      .map(
        (line) => (JSON.parse(line) as { resource: Record<string, string> }).resource['prefect.resource.name'] ?? '',
      );
  // Nothing says that it listens: something happens until it is heard.
  const told: string[] = [];
  await until('an event is heard', async () => {
    told.push(await setVariable(`before_${told.length}`));
    return heard().length > 0;
  });
  assert.equal((await ostinato(['server', 'stop'])).exitCode, 0);
  await until('the break is told', () => stream.text().stderr.includes('trying to connect again'));
  told.push(await setVariable('meanwhile'));
  await start(new URL(url).port);
  await until('it goes on', () => heard().includes('meanwhile'));
  told.push(await setVariable('afterwards'));
  await until('it hears what happens', () => heard().includes('afterwards'));
  stream.child.kill('SIGINT');
  await stream.ended;
  assert.deepEqual(heard(), told.slice(-heard().length));
});
