/** `kill -9` while a flow that has gone on from its failures asks a person: it goes on as it stood, with the answer. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startProgram, until } from './background.ts';
import { makePlace, ROOT } from './launch.ts';

const PROGRAM = join(ROOT, 'tests', 'journeys', 'answered-failures-program.ts');

const place = makePlace();

test('killed while it waits, a flow takes the same ways again, and the answer that came meanwhile', async () => {
  const { project, ostinato } = place;
  const effects = join(project, 'effects');
  const env = { EFFECTS: effects };
  const done = (): readonly string[] =>
    existsSync(effects) ? readFileSync(effects, 'utf8').trim().split('\n').toSorted() : [];
  const { child, ended } = startProgram(place, PROGRAM, env);
  const open = async (): Promise<readonly { readonly title: string }[]> => {
    const { stdout } = await ostinato(['approval', 'ls', '-o', 'json']);
    return stdout.startsWith('[') ? (JSON.parse(stdout) as { title: string }[]) : [];
  };
  await until('the question is asked', async () => (await open()).length === 1);
  child.kill('SIGKILL');
  await ended;
  const before = ['branch', 'fallback', 'load', 'notify', 'plain'];
  assert.deepEqual(done(), before);

  const [first, second] = await Promise.all([
    ostinato(['approval', 'answer', 'answered-run', '--approve']),
    ostinato(['approval', 'answer', 'answered-run', '--reject']),
  ]);
  const [won, lost] = first.exitCode === 0 ? [first, second] : [second, first];
  assert.equal(won.exitCode, 0, won.stderr);
  assert.equal(lost.exitCode, 4, lost.stderr);
  assert.match(lost.stderr, /It was answered before, by \S+: \{"approved":(true|false)\}/);
  assert.deepEqual(await open(), []);

  const plan = await ostinato(['flow-run', 'retry', 'answered-run', '--plan', '-o', 'json'], { env });
  const planned = (JSON.parse(plan.stdout) as { steps: { name: string; action: string }[] }).steps;
  assert.deepEqual(
    planned.filter(({ action }) => action !== 'reuse').map(({ name }) => name),
    ['approval: Go on?'],
  );
  const retried = await ostinato(['flow-run', 'retry', 'answered-run'], { env });
  assert.equal(retried.exitCode, 0, retried.stderr);
  assert.deepEqual(done(), [`answered ${won === first}`, ...before]);
  const told = await ostinato(['event', 'ls', '--name', 'ostinato.approval.', '-o', 'json']);
  assert.deepEqual(
    (JSON.parse(told.stdout) as { event: string }[]).map(({ event }) => event),
    ['ostinato.approval.answered', 'ostinato.approval.requested'],
    'newest first, each told once though two processes waited',
  );
  const why = await ostinato(['why', 'load-0 fallback']);
  assert.match(why.stdout, /Fell back because "load-0" failed with NotFound: load/);
  const run = await ostinato(['flow-run', 'inspect', 'answered-run']);
  assert.match(run.stdout, /1 optional step failed: notify\. 1 step fell back: load\./);
});
