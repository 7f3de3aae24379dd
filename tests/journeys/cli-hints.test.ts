/** What is printed to be copied works when it is copied, and is about the cause. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { LAUNCHER, makePlace, runProgram } from './launch.ts';

const { ostinato, project, home } = makePlace();

const ORDERS = `
import { flow } from 'ostinato';
import { z } from 'zod';
export const order = flow(async ({ id }: { id: string }) => { throw new Error('no such order'); }, { name: 'Order', runName: '{id}' });
export const load = flow(({ rows }) => rows, { name: 'Load', parameters: z.object({ rows: z.number() }) });
export const outer = flow(async () => await load({ rows: 'many' as never }), { name: 'Outer' });
`;
const FILE = "it's $HOME orders.ts";
writeFileSync(join(project, FILE), ORDERS.replace("'zod'", JSON.stringify(import.meta.resolve('zod'))));

/** Runs the line as a shell does, with the command under its name. */
const inShell = (line: string) =>
  runProgram('bash', ['-c', `ostinato() { "${process.execPath}" "${LAUNCHER}" "$@"; }; ${line}`], {
    cwd: project,
    env: { OSTINATO_HOME: home },
  });

test('the commands after a failure can be copied, whatever the run is called', async () => {
  for (const id of [
    'order k1',
    "Ada's",
    'a "b" `c`',
    '$HOME',
    '!important',
    '-x',
    '--help',
    'a;b|c>d',
    'tab\tline\nend',
    'Łódź 注文 🎻',
    '\x1b[31m',
    '~',
    '#1',
    'back\\slash',
  ]) {
    const failed = await ostinato(['run', `${FILE}:order`, '-p', `id=${JSON.stringify(id)}`]);
    assert.equal(failed.exitCode, 1, failed.stderr);
    const hint = /^Why: (ostinato why .*) {3}Go on where it stood: (ostinato flow-run retry .*)$/m.exec(failed.stderr);
    assert.ok(hint?.[1] && hint[2], failed.stderr);
    const why = await inShell(hint[1]);
    assert.match(why.stdout, /no such order/, `${hint[1]}\n${why.stderr}`);
    const plan = await inShell(`${hint[2]} --plan`);
    assert.equal(plan.exitCode, 0, `${hint[2]}\n${plan.stderr}`);
  }
});

test('after bad parameters no retry is offered, which would be given the same ones', async () => {
  const failed = await ostinato(['run', `${FILE}:load`, '-p', 'rows=many']);
  assert.equal(failed.exitCode, 2);
  assert.doesNotMatch(failed.stderr, /flow-run retry/);
  const hint = /Run it with others: (ostinato run .*) -p NAME=VALUE/.exec(failed.stderr)?.[1] ?? '';
  assert.equal((await inShell(`${hint} -p rows=3`)).stdout, '3\n', failed.stderr);
  const name = /ostinato why (\S+)/.exec(failed.stderr)?.[1] ?? '';
  const why = (await ostinato(['why', name])).stdout;
  assert.match(why, /Next\n.*with other parameters/);
  assert.doesNotMatch(why, /flow-run retry/);
});

test('a file that calls its flow wrongly is what is to be corrected', async () => {
  writeFileSync(
    join(project, 'calls.ts'),
    `import { load } from ${JSON.stringify(`./${FILE}`)};\nawait load({ rows: 'many' as never });\n`,
  );
  const failed = await ostinato(['run', 'calls.ts']);
  assert.equal(failed.exitCode, 2, failed.stderr);
  assert.match(failed.stderr, /Why: ostinato why \S+ {3}Correct what it is called with\./);
});

test('a run that gave bad parameters to another flow did begin: it can go on', async () => {
  const failed = await ostinato(['run', `${FILE}:outer`]);
  assert.match(failed.stderr, /Go on where it stood: ostinato flow-run retry/);
});
