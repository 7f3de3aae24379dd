/** A failed run shows the line of the user's own file that failed, and what to do about the cause. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { makePlace } from './launch.ts';

const { ostinato, project } = makePlace();

test('the line is that of the own file, not of a package, and the remedy is about the cause', async () => {
  const folder = join(project, 'node_modules', 'broken-pump');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "broken-pump", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  );
  writeFileSync(join(folder, 'index.js'), 'export function pump() {\n  throw new Error("no pressure");\n}\n');
  writeFileSync(
    join(project, 'steps.ts'),
    `export function open(order: { items?: { length: number } }): number {
  return order.items!.length;
}
`,
  );
  writeFileSync(
    join(project, 'flows.ts'),
    `import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { flow, task } from 'ostinato';
import { pump } from 'broken-pump';
import { open } from './steps.ts';

const opens = task(async () => open({}), { name: 'opens' });
const pumps = task(async () => {
  const 幅 = '日本'; pump();
  return 幅;
}, { name: 'pumps' });
export const inTask = flow(async () => await opens());
export const inPackage = flow(async () => await pumps());
export const missingFile = flow(async () => {
  return readFileSync('nowhere.csv');
});
export const refused = flow(async () => {
  try {
    await new Promise((_, reject) => connect(1, '127.0.0.1').on('error', reject));
  } catch (cause) {
    throw new Error('No stock', { cause });
  }
});
export const noError = flow(async () => { throw 'a word'; });
`,
  );
  for (const [name, place, frame, remedy] of [
    [
      'inTask',
      'steps.ts:2:',
      /> 2 \| {3}return order\.items!\.length;\n {4}\| {22,24}\^\n/,
      /What stands before \.length is undefined there/,
    ],
    ['inPackage', 'flows.ts:9:', /> {2}9 \|.*pump\(\);\n {5}\| {22}\^\n/, null],
    [
      'missingFile',
      'flows.ts:15:',
      /> 15 \| {3}return readFileSync\('nowhere\.csv'\);/,
      /There is no nowhere\.csv: relative paths begin where the command is called/,
    ],
    [
      'refused',
      'flows.ts:21:',
      /> 21 \| {5}throw new Error\('No stock', \{ cause \}\);/,
      /Nothing listens at 127\.0\.0\.1:1: start what should answer/,
    ],
  ] as const) {
    const { exitCode, stderr } = await ostinato(['run', `flows.ts:${name}`]);
    assert.equal(exitCode, 1, stderr);
    assert.ok(stderr.includes(`\n${place}`), stderr);
    assert.match(stderr, frame);
    if (remedy === null) assert.doesNotMatch(stderr, /What to do/);
    else assert.match(stderr, remedy);
  }
  const { stderr } = await ostinato(['run', 'flows.ts:noError']);
  assert.doesNotMatch(stderr, /\n> /);
  assert.match(stderr, /Why: ostinato why/);
});
