/** An app and a library that have installed the package each for itself: one package at work, or a clear refusal. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT, runProgram, type Ended } from './launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-two-copies-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

/** A library with a copy of its own, of the given version. */
function library(name: string, version: string): void {
  const home = join(folder, 'libraries', name);
  const copy = join(folder, 'copies', name);
  mkdirSync(copy, { recursive: true });
  mkdirSync(join(home, 'node_modules'), { recursive: true });
  for (const part of ['src', 'bin']) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  const facts = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...facts, version }));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  // Node strips no types below `node_modules`: the copy lies beside, as a checkout that is linked.
  symlinkSync(copy, join(home, 'node_modules', 'ostinato'));
  writeFileSync(join(home, 'package.json'), '{"private":true,"type":"module"}');
  writeFileSync(
    join(home, 'tasks.ts'),
    `
import { completed, flow, INPUTS, OstinatoError, runContext, task, TerminalError, transaction } from 'ostinato';
export * as theirs from 'ostinato';
export const twice = task(async (n: number) => n * 2, { name: 'twice', retries: 1, cache: INPUTS });
export const inner = flow(async ({ n }: { n: number }) => await twice(n), { name: 'inner' });
export const many = flow(async ({ items }: { items: number[] }) => await twice.map(items), { name: 'many' });
let attempts = 0;
export const final = task(() => { attempts += 1; throw new TerminalError('final ' + attempts); }, { name: 'final', retries: 3 });
export const wrong = task(() => { throw new OstinatoError('not-found', 'gone'); }, { name: 'wrong' });
export const state = task(() => completed({ message: 'done', value: 7 }), { name: 'state' });
export const who = task(() => runContext().flowRun?.flowName, { name: 'who' });
export const apart = task((n: number) => n + 1, { name: 'apart', isolation: 'thread' });
export const given = task((value: unknown) => value instanceof Error, { name: 'given' });
export const undone: string[] = [];
export const saga = task(() => 'x', { name: 'saga', onRollback: () => { undone.push('saga'); } });
export const whole = async () => await transaction(async () => { await saga(); throw new Error('back'); });
`,
  );
}

const thisVersion = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
mkdirSync(join(folder, 'node_modules'));
symlinkSync(ROOT, join(folder, 'node_modules', 'ostinato'));
writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
library('same', thisVersion);
library('other', '99.0.0');

const env = { OSTINATO_HOME: join(folder, 'home'), NO_COLOR: '1' };
async function program(name: string, text: string, ...before: string[]): Promise<Ended> {
  writeFileSync(join(folder, name), text);
  return await runProgram(process.execPath, [...before, name], { cwd: folder, env });
}

const APP = `
import * as ours from 'ostinato';
import { allowFailure, cacheKey, flow, OstinatoError, SOURCE, task, TerminalError } from 'ostinato';
import * as lib from './libraries/same/tasks.ts';
const one = task(async () => 1, { name: 'one' });
const shout = flow(async () => {
  const caught = async (work: PromiseLike<unknown>): Promise<unknown> => await Promise.resolve(work).then(() => 'completed', (error: unknown) => error);
  const final = await caught(lib.final());
  const wrong = await caught(lib.wrong());
  await caught(lib.whole());
  return {
    chained: await lib.inner({ n: lib.twice(one()) as never }), map: await lib.many({ items: [1, 2] }), both: await task((n: number) => n, { name: 'ours' })(lib.twice(4)),
    final: [final instanceof TerminalError, (final as Error).message], wrong: [wrong instanceof OstinatoError, wrong instanceof lib.theirs.OstinatoError, (wrong as OstinatoError).code],
    state: await lib.state(), who: await lib.who(), apart: await lib.apart(1), given: await lib.given(allowFailure(lib.wrong())), undone: lib.undone,
    policy: await lib.twice.with({ cache: cacheKey(() => 'k').plus(lib.theirs.INPUTS).plus(SOURCE) })(5), isFuture: lib.twice(1) instanceof ours.TaskFuture,
  };
}, { name: 'shout' });
console.log(JSON.stringify(await shout()));
`;

test("tasks, flows, futures, errors, states, policies and transactions of a library's copy are as one's own", async () => {
  const ended = await program('app.ts', APP);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const value = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  assert.deepEqual(value, {
    chained: 4,
    map: [2, 4],
    both: 8,
    final: [true, 'final 1'],
    wrong: [true, true, 'not-found'],
    state: 7,
    who: 'shout',
    apart: 2,
    given: true,
    undone: ['saga'],
    policy: 10,
    isFuture: true,
  });
});

test('a library that comes first serves the app', async () => {
  const ended = await program(
    'late.ts',
    `import { twice } from './libraries/same/tasks.ts';\nimport { flow } from 'ostinato';\nconsole.log(await flow(async () => await twice(21), { name: 'main' })());`,
  );
  assert.equal(ended.exitCode, 0, ended.stderr);
  assert.match(ended.stdout, /42/);
});

test('the command of one copy runs a file that leads to the other', async () => {
  const command = join(folder, 'copies', 'same', 'bin', 'ostinato.js');
  const ended = await program(
    'main.ts',
    `import { flow } from 'ostinato';\nimport { twice } from './libraries/same/tasks.ts';\nexport const main = flow(async () => await twice(21), { name: 'main' });`,
    command,
    'run',
  );
  assert.equal(ended.exitCode, 0, ended.stdout + ended.stderr);
  assert.match(ended.stdout, /42/);
});

test('a copy of another version is refused where it is loaded, and both are named', async () => {
  const ended = await program(
    'mixed.ts',
    `import { flow } from 'ostinato';\nimport { twice } from './libraries/other/tasks.ts';\nawait flow(async () => await twice(21), { name: 'main' })();`,
  );
  assert.notEqual(ended.exitCode, 0);
  assert.match(
    ended.stderr,
    new RegExp(
      `Two copies of Ostinato.*version ${thisVersion.replaceAll('.', '\\.')} .*version 99\\.0\\.0 .*copies.other`,
    ),
  );
});
