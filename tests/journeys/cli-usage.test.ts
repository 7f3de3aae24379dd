/** What cannot be understood: said once, with what is near and where the rules are; as JSON where JSON was asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makePlace } from './launch.ts';

const { ostinato } = makePlace();

test('with -o json, usage errors are one JSON object like all other errors', async () => {
  for (const [words, message, remedy] of [
    [['flow-run', 'ls', '--limit', '0', '-o', 'json'], /whole number from 1 to 1000/, 'See: ostinato flow-run ls --help'],
    [['flow-run', 'lsx', '--output=json'], /unknown command 'lsx' Did you mean "ls"\?/, 'See: ostinato flow-run --help'],
    [['flow-run', 'ls', '-ojson', '--sate', 'failed'], /unknown option '--sate' Did you mean "--state"\?/, 'See: ostinato flow-run ls --help'],
    [['why', '-o', 'json'], /missing required argument 'run'/, 'See: ostinato why --help'],
    [['variable', '--profile', 'default', '-o', 'json'], /unknown option '-o'/, 'See: ostinato variable --help'],
    [['flow-run', 'ls', 'a', 'b', '-o', 'json'], /too many arguments/, 'See: ostinato flow-run ls --help'],
    [['nothing-like-it', '-o', 'json'], /unknown command 'nothing-like-it'$/, 'See: ostinato --help'],
    [['artifact', 'ls', '--type', 'film', '-o', 'json'], /Allowed choices are/, 'See: ostinato artifact ls --help'],
  ] as const) {
    const { exitCode, stdout, stderr } = await ostinato(words);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string; remedy: string; exit_code: number } };
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
  for (const [word, guess] of [['flwo', 'flow'], ['varaible', 'variable'], ['artefact', 'artifact'], ['x', null], ['load', null], ['rerun', null], ['config-file', null]] as const) {
    const { stderr } = await ostinato([word]);
    assert.match(stderr, guess === null ? /^Error: unknown command '[^']*'\n/ : new RegExp(`Did you mean "${guess}"\\?`));
  }
});
