/** The practice of deployments, as the example says it: every command of its first page is run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

import { startOstinato, startProgram, until } from '../tests/journeys/background.ts';
import { makeServedPlace } from '../tests/journeys/served-place.ts';

const EXAMPLES = import.meta.dirname;
const TEST_TIMEOUT_MS = 240_000;

const place = makeServedPlace();
const { env, programs, done: ostinato } = place;

/** The commands that the example's page names, without the server's own. */
function commandsOf(file: string): readonly string[] {
  return [...readFileSync(join(EXAMPLES, file), 'utf8').matchAll(/npx ostinato ((?:deployment|agent) [^\n`]+)/g)].map(
    ([, words = '']) => words,
  );
}

/** As they are typed in the folder above the examples. */
const wordsOf = (command: string): string[] =>
  command.split(' ').map((word) => (word.startsWith('examples/') ? resolve(EXAMPLES, '..', word) : word));

test('build, apply, agent, run: watched to the end', { timeout: TEST_TIMEOUT_MS }, async () => {
  const [build = '', apply = '', agent = '', run = ''] = commandsOf('11-deployments.ts');
  assert.match(agent, /^agent start -q default$/);
  assert.match(await ostinato(...wordsOf(build)), /Wrote main_flow_sales-deployment\.yaml/);
  assert.match(await ostinato(...wordsOf(apply)), /Made deployment main_flow_sales\/demo-deployment-sales/);
  const listening = startOstinato(place, wordsOf(agent), env);
  programs.push(listening);
  const watched = await ostinato(...wordsOf(run));
  for (const part of ['Pending', 'Running', 'Completed']) assert.ok(watched.includes(part), `${part} in ${watched}`);
  assert.ok(readFileSync(join(place.project, 'output', 'sales', 'cleaned.csv'), 'utf8').length > 10_000);
  listening.child.kill('SIGTERM');
  assert.equal((await listening.ended).exitCode, 0);
});

test('a program that serves its flow', { timeout: TEST_TIMEOUT_MS }, async () => {
  const program = startProgram(place, join(EXAMPLES, '11-deployments.ts'), env);
  programs.push(program);
  await until('it serves', () => program.text().stderr.includes('Ctrl-C ends') || program.child.exitCode !== null);
  assert.match(program.text().stderr, /Serving stock\/hourly \(made now\), by itself: 0 \* \* \* \*, Europe\/Berlin\./);
  const run = commandsOf('11-deployments.ts').at(-1) ?? '';
  assert.match(await ostinato(...wordsOf(run)), /Completed/);
  const [found] = JSON.parse(
    await ostinato('flow-run', 'ls', '--flow', 'stock', '--tag', 'shop', '--state', 'completed', '-o', 'json'),
  ) as { readonly parameters: unknown; readonly state: { readonly type: string } }[];
  assert.equal(found?.state.type, 'COMPLETED');
  program.child.kill('SIGINT');
  assert.equal((await program.ended).exitCode, 0);
});
