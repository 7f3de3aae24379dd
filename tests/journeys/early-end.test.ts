/** Processes that end in the middle of their runs by their own doing, and programs that could never end. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { LAUNCHER, ROOT, runProgram, type Ended } from './launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-early-end-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const PROGRAM = join(folder, 'program.ts');
writeFileSync(
  PROGRAM,
  `
import { flow, task, runContext } from '${pathToFileURL(join(ROOT, 'src/index.ts')).href}';
import { appendFileSync } from 'node:fs';
const said = process.env['SAID'] ?? '';
const bodies: Record<string, () => unknown> = {
  exit0: () => process.exit(0),
  exit0Later: async () => { await new Promise((resolve) => setTimeout(resolve, 5)); process.exit(); },
  exit7: () => process.exit(7),
  exitCode0: () => { process.exitCode = 0; throw new Error('failed all the same'); },
  stray: async () => { setTimeout(() => { throw new TypeError('from a timer'); }, 1); await new Promise((resolve) => setTimeout(resolve, 60_000)); },
  rejection: async () => { void Promise.reject(new RangeError('nobody caught me')); await new Promise((resolve) => setTimeout(resolve, 60_000)); },
  never: () => new Promise(() => {}),
  neverButListens: () => new Promise((_, reject) => { runContext().signal.addEventListener('abort', () => { appendFileSync(said, 'heard'); reject(new Error('tidied up')); }); }),
};
const work = task((what: string) => bodies[what]!(), { name: 'work' });
const before = task(() => 'kept', { name: 'before' });
export const main = flow(async ({ what }: { what: string }) => {
  await before();
  if (what === 'inFlow') process.exit(0);
  return await work(what);
}, { name: 'early', onCrashed: () => appendFileSync(said, ' hook') });
export const outside = async (): Promise<unknown> => await work('exit0');
if (process.argv[2] === 'outside') await outside();
else if (import.meta.main) await main({ what: process.argv[2]! });
`,
);

let homes = 0;

interface Outcome extends Ended {
  readonly state: string;
  readonly why: string;
  readonly said: string;
}

async function end(by: 'node' | 'ostinato', what: string): Promise<Outcome> {
  const home = join(folder, `home-${(homes += 1)}`);
  const env = { OSTINATO_HOME: home, SAID: join(folder, `said-${homes}`) };
  writeFileSync(env.SAID, '');
  const words = by === 'node' ? [PROGRAM, what] : [LAUNCHER, 'run', PROGRAM, '-p', `what=${what}`];
  const ended = await runProgram(process.execPath, words, { cwd: folder, env });
  const ostinato = (...more: string[]): Promise<Ended> =>
    runProgram(process.execPath, [LAUNCHER, ...more], { cwd: folder, env });
  const listed = JSON.parse((await ostinato('flow-run', 'ls', '-o', 'json')).stdout) as {
    name: string;
    state_name: string;
  }[];
  const why = listed[0] === undefined ? '' : (await ostinato('why', listed[0].name)).stdout;
  return { ...ended, state: listed[0]?.state_name ?? '', why, said: readFileSync(env.SAID, 'utf8') };
}

for (const by of ['node', 'ostinato'] as const) {
  describe(`started by ${by}`, { concurrency: 2 }, () => {
    for (const [what, exitCode, words] of [
      [
        'exit0',
        1,
        /process\.exit\(0\) was called in task run "work-0" of flow run "[a-z-]+" while the run was in progress/,
      ],
      ['exit0Later', 1, /process\.exit\(0\) was called in task run "work-0"/],
      ['exit7', 7, /process\.exit\(7\) was called in task run "work-0"/],
      ['inFlow', 1, /process\.exit\(0\) was called in flow run/],
      ['stray', 1, /An error that nobody caught ended the process in task run "work-0" .*: TypeError: from a timer\./],
      [
        'rejection',
        1,
        /An error that nobody caught ended the process in task run "work-0" .*: RangeError: nobody caught me\./,
      ],
    ] as const) {
      test(`${what}: said, not 0, and the run is Crashed with the reason`, async () => {
        const ended = await end(by, what);
        assert.equal(ended.exitCode, exitCode, ended.stderr);
        assert.match(ended.stderr, words);
        assert.equal(ended.state, 'Crashed');
        assert.match(ended.why, words);
      });
    }

    test('a promise that nothing can settle: the run is Crashed by the ordinary rules, and the process does not say 0', async () => {
      const ended = await end(by, 'never');
      assert.equal(ended.exitCode, 1, ended.stderr);
      assert.match(ended.why, /Nothing is left in the event loop/);
      assert.equal(ended.state, 'Crashed');
      assert.equal(ended.said, ' hook');
    });

    test('a body that listens to its signal may tidy up', async () => {
      const ended = await end(by, 'neverButListens');
      assert.equal(ended.state, 'Crashed', ended.stderr);
      assert.equal(ended.said, 'heard hook');
    });

    test('an exit code of 0 that a task sets does not make a failure a success', async () => {
      const ended = await end(by, 'exitCode0');
      assert.equal(ended.exitCode, 1, ended.stderr);
      assert.equal(ended.state, 'Failed');
    });
  });
}

test('a task outside any flow', async () => {
  const ended = await end('node', 'outside');
  assert.equal(ended.exitCode, 1);
  assert.match(ended.stderr, /process\.exit\(0\) was called in task run "work-/);
});

test('a file whose top level awaits what nothing can settle is told so, also after a run of it', async () => {
  const lines: Readonly<Record<string, string>> = {
    atOnce: '',
    afterARun: "await flow(() => 'done', { name: 'first' })();",
  };
  for (const [name, line] of Object.entries(lines)) {
    const file = join(folder, `standing-${name}.ts`);
    writeFileSync(
      file,
      `import { flow } from 'ostinato';\n${line}\nawait new Promise(() => {});\nexport const main = flow(() => 1, { name: 'main' });\n`,
    );
    const ended = await runProgram(process.execPath, [LAUNCHER, 'run', file], {
      cwd: folder,
      env: { OSTINATO_HOME: join(folder, `home-${name}`) },
    });
    assert.equal(ended.exitCode, 2, ended.stderr);
    assert.match(
      ended.stderr,
      new RegExp(
        `standing-${name}\\.ts was not read to its end: its top level awaits something that nothing can settle any more`,
      ),
    );
    assert.doesNotMatch(ended.stderr, /unsettled top-level await/);
  }
});
