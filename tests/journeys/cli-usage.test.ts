/**
 * What cannot be understood: said once, with what is near and where the rules are; as JSON where JSON was asked for.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { makePlace } from './launch.ts';

const { ostinato, project } = makePlace();

test('with -o json, usage errors are one JSON object like all other errors', async () => {
  for (const [words, message, remedy] of [
    [
      ['flow-run', 'ls', '--limit', '0', '-o', 'json'],
      /whole number from 1 to 1000/,
      'See: ostinato flow-run ls --help',
    ],
    [
      ['flow-run', 'lsx', '--output=json'],
      /unknown command 'lsx' Did you mean "ls"\?/,
      'See: ostinato flow-run --help',
    ],
    [
      ['flow-run', 'ls', '-ojson', '--sate', 'failed'],
      /unknown option '--sate' Did you mean "--state"\?/,
      'See: ostinato flow-run ls --help',
    ],
    [['why', '-o', 'json'], /missing required argument 'run'/, 'See: ostinato why --help'],
    [['variable', '--profile', 'default', '-o', 'json'], /unknown option '-o'/, 'See: ostinato variable --help'],
    [['flow-run', 'ls', 'a', 'b', '-o', 'json'], /too many arguments/, 'See: ostinato flow-run ls --help'],
    [['nothing-like-it', '-o', 'json'], /unknown command 'nothing-like-it'$/, 'See: ostinato --help'],
    [['artifact', 'ls', '--type', 'film', '-o', 'json'], /Allowed choices are/, 'See: ostinato artifact ls --help'],
  ] as const) {
    const { exitCode, stdout, stderr } = await ostinato(words);
    const { error } = JSON.parse(stderr) as {
      error: { code: string; message: string; remedy: string; exit_code: number };
    };
    assert.match(error.message, message);
    assert.deepEqual([exitCode, stdout, error.code, error.exit_code, error.remedy], [2, '', 'bad-input', 2, remedy]);
  }
});

test('what a program gets after -- asks for nothing', async () => {
  const { exitCode, stderr } = await ostinato(['run', '--nonsense', 'x.ts', '--', '-o', 'json']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^Error: unknown option '--nonsense'\n\(add --help for usage\)\n$/);
});

test('a guess is made only where it is near', async () => {
  for (const [word, guess] of [
    ['flwo', 'flow'],
    ['varaible', 'variable'],
    ['artefact', 'artifact'],
    ['x', null],
    ['load', null],
    ['rerun', null],
    ['config-file', null],
  ] as const) {
    const { stderr } = await ostinato([word]);
    assert.match(
      stderr,
      guess === null ? /^Error: unknown command '[^']*'\n/ : new RegExp(`Did you mean "${guess}"\\?`),
    );
  }
});

test('run FILE --help says what the flows in the file take, and runs nothing', async () => {
  writeFileSync(
    join(project, 'flows.ts'),
    `
import { flow } from 'ostinato';
console.log('loaded');
const properties = { day: { type: 'string', description: 'which day' }, limit: { type: 'integer', minimum: 1, default: 100 }, mode: { enum: ['fast', 'full'] }, ids: { type: 'array', items: { $ref: '#/$defs/id' } } };
const json = { type: 'object', properties, required: ['day'], additionalProperties: false, $defs: { id: { anyOf: [{ type: 'string' }, { type: 'number' }] } } };
const parameters = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }), jsonSchema: { input: () => json, output: () => json } } };
export const etl = flow(async (given: unknown) => given, { name: 'Etl of things', parameters: parameters as never });
export const plain = flow(async ({ first, second = 2 }: { first: string; second?: number }) => first + second, { name: 'plain' });
await plain({ first: 'x' });
`,
  );
  const all = await ostinato(['run', 'flows.ts', '--help']);
  assert.equal(all.exitCode, 0, all.stderr);
  assert.match(
    all.stdout,
    /^Flow "Etl of things", run with flows\.ts:etl takes \(-p NAME=VALUE\):\n {2}day +string +required +which day\n {2}limit +integer ≥ 1 +default 100\n {2}mode +"fast" \| "full" +optional\n {2}ids +\(string \| number\)\[\] +optional\n/,
  );
  assert.match(
    all.stdout,
    /Flow "plain", run with flows\.ts:plain takes[^\n]*\n {2}first\n {2}second\n[\s\S]*Usage: ostinato run/,
  );
  assert.doesNotMatch(all.stdout, /loaded/);
  const one = await ostinato(['run', '-p', 'day=1', 'flows.ts:plain', '-h']);
  assert.match(one.stdout, /^Flow "plain" takes/);
  assert.doesNotMatch(one.stdout, /Etl/);
  assert.match(
    (await ostinato(['run', 'nothing.ts', '--help'])).stdout,
    /^The parameters cannot be told: There is no file nothing\.ts\.[\s\S]*Usage:/,
  );
  assert.equal((await ostinato(['flow-run', 'ls', '-o', 'json'])).stdout, '[]\n');
});

test('an option whose value is empty or is none says what it must be', async () => {
  for (const [words, message] of [
    [['--profile', '', 'version'], /option '--profile <name>' argument '' is invalid\. It must be a name\./],
    [
      ['server', 'start', '--host', ''],
      /option '--host <address>' argument '' is invalid\. It must be an address or a name/,
    ],
    [
      ['server', 'start', '--port', '0', '--database', 'mysql://db'],
      /Setting database\.url is "mysql:\/\/db" \(from the option --database\), but it must be sqlite:PATH[\s\S]*What to do: For instance: --database sqlite:runs\.db/,
    ],
    [
      ['config', 'set', 'log.level='],
      /Setting log\.level is "" \(from the command line\)[\s\S]*What to do: Write log\.level=VALUE/,
    ],
  ] as const) {
    const { exitCode, stderr } = await ostinato(words);
    assert.match(stderr, message);
    assert.equal(exitCode, 2);
  }
});
