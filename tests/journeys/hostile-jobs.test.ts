/**
 * Job variables and entrypoints that somebody means ill with, or has mistyped: the run is Crashed with the reason,
 * nothing of them is executed, and the worker goes on.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { makePlace } from './launch.ts';
import { PulledWorld } from './pulled-world.ts';

const GOOD = `
import { flow } from 'ostinato';
export const good = flow(async () => {}, { name: 'good' });
`;

after(async () => await world.close());
const place = makePlace();
const mark = join(place.project, 'executed');
let world: PulledWorld;
let serial = 0;

before(
  async () => {
    writeFileSync(join(place.project, 'flows.ts'), GOOD);
    mkdirSync(join(place.project, 'inside'));
    symlinkSync('/etc', join(place.project, 'inside', 'out'));
    world = await PulledWorld.open(place);
    world.startWorker({}, '--poll', '1s');
  },
  { timeout: 120_000 },
);

type Fields = Partial<Parameters<PulledWorld['deployment']>[1]>;

async function asking({ entrypoint = 'flows.ts:good', ...fields }: Fields): Promise<string> {
  const all = { path: place.project, ...fields, entrypoint };
  return await world.ask(await world.deployment(`d${(serial += 1)}`, all, 'good'));
}

const env = (entries: Readonly<Record<string, string>>): Fields => ({ job_variables: { env: entries } });

const CASES: Readonly<Record<string, readonly [Fields, RegExp]>> = {
  'a value with a character of no value': [env({ WORD: 'a\0b' }), /env.*WORD.*U\+0000/],
  'a name with a character of no value': [env({ 'A\0B': 'c' }), /env.*U\+0000/],
  'a name that is a name and a value': [env({ 'PATH=/tmp;X': 'c' }), /env.*PATH=.*is no name/],
  'a value that no program can be given': [env({ WORD: 'x'.repeat(300_000) }), /WORD.*too long/],
  'a folder with a character of no value': [
    { job_variables: { working_dir: '/tmp\0x' } },
    /U\+0000|working_dir|no folder/,
  ],
  'a folder that is not there': [{ job_variables: { working_dir: '/nowhere/at/all' } }, /nowhere/],
  'a folder that is a file': [{ job_variables: { working_dir: join(place.project, 'flows.ts') } }, /flows\.ts/],
  'a command with a character of no value': [{ job_variables: { command: 'echo a\0b' } }, /U\+0000|null bytes|command/],
  'a command that is not there': [{ job_variables: { command: '/nowhere/at/all x' } }, /ENOENT/],
  'a command that is two': [{ job_variables: { command: `true\ntouch ${mark}` } }, /not one command/],
  'a command that is none': [{ job_variables: { command: ['touch', mark] } }, /not one command/],
  'shell words in a command': [{ job_variables: { command: `false $(touch ${mark}); touch ${mark}` } }, /exit code 1/],
  'shell words in an entrypoint': [{ entrypoint: `flows.ts;touch ${mark};$(touch ${mark}):good` }, /no file/],
  'an entrypoint that is an option': [{ entrypoint: `--import=data:text/javascript,0;:good` }, /no file|entrypoint/],
  'an entrypoint with a character of no value': [{ entrypoint: 'flows\0.ts:good' }, /null bytes|no file/],
  'an entrypoint without an end': [{ entrypoint: `${'x/'.repeat(150_000)}f.ts:good` }, /E2BIG|not-found|too long/],
  'an environment that is none': [{ job_variables: { environment: '../../etc' } }, /environment cannot be/],
};

test('what cannot be is told, nothing of it is executed, and the worker goes on', { timeout: 600_000 }, async () => {
  const asked = new Map<string, string | null>();
  for (const [what, [fields]] of Object.entries(CASES))
    // What the server refuses comes to no worker.
    asked.set(what, await asking(fields).catch((error: Error) => (assert.match(error.message, / 4\d\d /), null)));
  for (const [what, id] of asked) {
    if (id === null) continue;
    const { type, message } = await world.ended(id).catch((error: Error) => assert.fail(`${what}: ${error.message}`));
    assert.equal(type, 'CRASHED', `${what}: ${message}`);
    assert.match(message ?? '', (CASES[what] as readonly [Fields, RegExp])[1], what);
  }
  assert.ok(!existsSync(mark));
  const [worker] = world.workers;
  assert.equal(worker?.child.exitCode, null, worker?.text().stderr ?? '');
  await world.completed(await asking({}));
});

test('words of a shell in values of the environment are given to no shell', { timeout: 300_000 }, async () => {
  const command = `touch ${mark}; sh -c "touch ${mark}"`;
  const words = { WORD: `$(touch ${mark})`, BACK: `\`touch ${mark}\``, QUOTE: `"; touch ${mark}; "` };
  await world.completed(await asking({ job_variables: { entrypoint: command, name: command, env: words } }));
  assert.ok(!existsSync(mark));
});
