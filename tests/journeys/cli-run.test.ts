/**
 * `ostinato run`: flows of files as people have them, parameters, results, exit codes, and what is wrong with a file.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { FlowRun } from '../../src/contract/schema/flow-run.ts';
import { conforming, startOstinato, until } from './background.ts';
import { makePlace, type Ended } from './launch.ts';

const place = makePlace();
const { ostinato, project } = place;

function write(name: string, text: string): void {
  mkdirSync(join(project, name, '..'), { recursive: true });
  writeFileSync(join(project, name), text);
}

/** `{ flow_run, result }` of `run -o json`; the run has the shape of the contract. */
function outcomeOf(ended: Ended): { flow_run: Record<string, unknown>; result: unknown } {
  const outcome = JSON.parse(ended.stdout) as { flow_run: Record<string, unknown>; result: unknown };
  conforming(FlowRun, { ...ended, stdout: JSON.stringify(outcome.flow_run) });
  return outcome;
}

write(
  'sums.ts',
  `
import { flow, task } from 'ostinato';
const double = task(async (n: number) => n * 2);
export const sum = flow(async ({ n = 1, label = 'none', when }: { n?: number; label?: unknown; when?: unknown }) => {
  console.log('summing');
  return { total: await double(n), label, when, made: new Date(0) };
}, { name: 'Sum' });
`,
);

test('the one flow of a file runs, its result is printed, states go to standard error', async () => {
  const ended = await ostinato(['run', 'sums.ts', '-p', 'n=21']);
  assert.equal(ended.exitCode, 0, ended.stderr);
  assert.match(ended.stdout, /^summing\n\{ total: 42, label: 'none'/);
  assert.match(ended.stderr, /▶[\s\S]*double-0 +✓ Completed[\s\S]*✓ Completed/);
});

test('with -o json, standard output is the run and its result, and nothing else', async () => {
  const ended = await ostinato([
    'run',
    'sums.ts',
    '-o',
    'json',
    '--params',
    '{"n": 1, "label": "x"}',
    '-p',
    'n=2',
    '-p',
    'when=22:15',
  ]);
  assert.equal(ended.exitCode, 0, ended.stderr);
  const { flow_run, result } = outcomeOf(ended);
  assert.deepEqual(result, {
    total: 4,
    label: 'x',
    when: '22:15',
    made: { $: 'Date', value: '1970-01-01T00:00:00.000Z' },
  });
  assert.deepEqual(
    [flow_run['state_type'], flow_run['parameters']],
    ['COMPLETED', { n: 2, label: 'x', when: '22:15' }],
  );
  assert.match(ended.stderr, /summing/);
});

test('parameters come from a file; values are JSON where they are JSON', async () => {
  write('june.json', '{ "n": 5, "label": ["a"] }');
  const { result } = outcomeOf(
    await ostinato(['run', 'sums.ts', '--params', '@june.json', '-p', 'when="3"', '-o', 'json']),
  );
  const { total, label, when } = result as Record<string, unknown>;
  assert.deepEqual([total, label, when], [10, ['a'], '3']);
});

test('several flows in one file: the choice is asked for, a slip is pointed out', async () => {
  write(
    'many.ts',
    `
import { flow } from 'ostinato';
export const nightly = flow(async () => 'n');
export const weekly = flow(async () => 'w');
`,
  );
  const open = await ostinato(['run', 'many.ts']);
  assert.equal(open.exitCode, 2);
  assert.match(open.stderr, /exports 2 flows: nightly, weekly/);
  const slip = await ostinato(['run', 'many.ts:nightyl']);
  assert.equal(slip.exitCode, 3);
  assert.match(slip.stderr, /no flow "nightyl"\. Did you mean "nightly"\?/);
  assert.equal((await ostinato(['run', 'many.ts:weekly'])).stdout, 'w\n');
});

test('a file that calls its flow runs as it is; with parameters, its own call is held back', async () => {
  write(
    'script.ts',
    `
import { flow } from 'ostinato';
import { appendFileSync } from 'node:fs';
export const greet = flow(async ({ who }: { who: string }) => { appendFileSync('greeted.txt', who + '\\n'); return who; });
await greet({ who: process.argv[2] ?? 'script' });
export const late = 1;
`,
  );
  assert.equal((await ostinato(['run', 'script.ts'])).exitCode, 0);
  assert.equal((await ostinato(['run', 'script.ts', '--', 'argument'])).exitCode, 0);
  assert.equal((await ostinato(['run', 'script.ts', '-p', 'who=parameter'])).stdout, 'parameter\n');
  assert.equal((await ostinato(['run', 'script.ts:greet', '-p', 'who=named'])).stdout, 'named\n');
  assert.equal(readFileSync(join(project, 'greeted.txt'), 'utf8'), 'script\nargument\nparameter\nnamed\n');
});

test('a script without exports runs; its runs decide the exit code, and JSON tells them all', async () => {
  write(
    'plain.ts',
    `
import { flow } from 'ostinato';
const good = flow(async () => 1);
const bad = flow(async () => { throw new Error('no'); });
await good();
await bad().catch(() => {});
`,
  );
  const ended = await ostinato(['run', 'plain.ts', '-o', 'json']);
  assert.equal(ended.exitCode, 1);
  const runs = JSON.parse(ended.stdout) as { flow_run: { state_type: string } }[];
  assert.deepEqual(
    runs.map(({ flow_run }) => flow_run.state_type),
    ['COMPLETED', 'FAILED'],
  );
});

test('a project of CommonJS, imports without endings and with .js: TypeScript runs as it is', async () => {
  write('cjs/package.json', '{ "type": "commonjs" }');
  write('cjs/steps/index.ts', "export { triple } from './triple.js';\n");
  write(
    'cjs/steps/triple.ts',
    "import { task } from 'ostinato';\nexport const triple = task(async (n: number): Promise<number> => n * 3, { isolation: 'thread' });\n",
  );
  write(
    'cjs/main.ts',
    `
import { flow } from 'ostinato';
import { triple } from './steps';
export const main = flow(async () => triple(14));
`,
  );
  const ended = await ostinato(['run', 'cjs/main.ts']);
  assert.deepEqual([ended.exitCode, ended.stdout], [0, '42\n'], ended.stderr);
});

test('failed: exit code 1 and where to go from there; wrong parameters: 2 with field, value and rule', async () => {
  write(
    'bad.ts',
    `
import { flow } from 'ostinato';
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: any) => typeof value.n === 'number' ? { value } : { issues: [{ message: 'must be a number', path: ['n'] }] } } } as const;
export const fails = flow(async () => { throw new Error('the disk is broken'); });
export const checked = flow(async ({ n }: { n: number }) => n, { parameters: schema as never });
`,
  );
  const failed = await ostinato(['run', 'bad.ts:fails']);
  assert.equal(failed.exitCode, 1);
  assert.match(
    failed.stderr,
    /✗ Failed[^\n]*the disk is broken\n\nbad\.ts:4:\d+\n[\s\S]*> 4 \| export const fails[^\n]*\n {4}\| +\^\n[\s\S]*\nWhy: ostinato why \S+ {3}Go on where it stood: ostinato flow-run retry/,
  );
  const wrong = await ostinato(['run', 'bad.ts:checked', '-p', 'n=many']);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /n: must be a number \(got "many"\)/);
});

test('what is wrong with a file is said in the words of the file', async () => {
  write('enum.ts', 'export enum Colour { Red }\n');
  write('syntax.ts', '\nconst a = ;\n');
  write('package.ts', "import 'no-such-package/deep';\n");
  write('import.ts', "import './sumz.ts';\n");
  write('name.ts', "import { summ } from './sums.ts';\nsumm;\n");
  write('throws.ts', "throw new TypeError('not today');\n");
  write('hidden.ts', "import { flow } from 'ostinato';\nconst quiet = flow(async () => 1);\nquiet;\n");
  const cases: [words: string[], exitCode: number, message: RegExp][] = [
    [['nope.ts'], 3, /no file nope\.ts/],
    [['sumz.ts'], 3, /no file sumz\.ts\. Did you mean "sums\.ts"\?/],
    [['.'], 2, /is a folder[\s\S]*Name a file in it/],
    [['june.json'], 2, /not a TypeScript or JavaScript file/],
    [['enum.ts'], 2, /enum\.ts.* uses TypeScript that does not run as it is[\s\S]*instead of an enum/],
    [['syntax.ts'], 2, /syntax\.ts:2 cannot be parsed/],
    [
      ['package.ts'],
      2,
      /imports the package "no-such-package\/?.*", which is not installed[\s\S]*npm install no-such-package/,
    ],
    [['import.ts'], 2, /imports \S+sumz\.ts, which does not exist\. Did you mean "sums\.ts"\?/],
    [['name.ts'], 2, /name\.ts:1 cannot be linked: .*summ/],
    [['throws.ts'], 2, /threw while it was loaded: TypeError: not today[\s\S]*throws\.ts:1/],
    [['hidden.ts'], 2, /defines the flow "quiet", but neither exports nor calls it/],
    [['sums.ts', '-p', 'n'], 2, /"n" is no parameter/],
    [['sums.ts', '--params', '[1]'], 2, /not an object/],
    [['sums.ts', '--params', '{'], 2, /not JSON/],
    [['sums.ts', '--params', '@nope.json'], 3, /cannot be read/],
    [[], 2, /missing required argument 'file'/],
  ];
  const outcomes = await Promise.all(cases.map(([words]) => ostinato(['run', ...words])));
  for (const [index, [words, exitCode, message]] of cases.entries()) {
    const ended = outcomes[index] as Ended;
    assert.equal(ended.exitCode, exitCode, `${words.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, message, words.join(' '));
  }
});

test('Ctrl-C cancels: hooks run, the exit code is 130', async () => {
  write(
    'slow.ts',
    `
import { flow, runContext } from 'ostinato';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
export const slow = flow(async () => { await sleep(60_000, null, { signal: runContext().signal }); }, { onCancellation: () => writeFileSync('cancelled.txt', 'yes') });
`,
  );
  const running = startOstinato(place, ['run', 'slow.ts']);
  await until('it runs', () => running.text().stderr.includes('▶'));
  running.child.kill('SIGINT');
  const ended = await running.ended;
  assert.equal(ended.exitCode, 130, ended.stderr);
  assert.match(ended.stderr, /⊘ Cancelled/);
  assert.equal(readFileSync(join(project, 'cancelled.txt'), 'utf8'), 'yes');
});

test('a connection that the file leaves open does not hold the command for ever', async () => {
  write(
    'open.ts',
    `
import { flow } from 'ostinato';
setInterval(() => {}, 1000);
export const quick = flow(async () => 'done');
`,
  );
  const ended = await ostinato(['run', 'open.ts']);
  assert.deepEqual([ended.exitCode, ended.stdout], [0, 'done\n']);
  assert.match(ended.stderr, /keeps the process alive; it ends now/);
});
