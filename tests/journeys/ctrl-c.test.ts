/** Ctrl-C in a program that awaits its flow: it ends with 130, and prints no stack; other errors keep theirs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { until } from './background.ts';
import { makePlace, ROOT } from './launch.ts';

const { home, project } = makePlace();

const PROGRAM = join(project, 'program.ts');
writeFileSync(
  PROGRAM,
  `
import { flow, runContext, task } from '${pathToFileURL(join(ROOT, 'src/index.ts')).href}';
import { isWatching } from '${pathToFileURL(join(ROOT, 'src/platform/watchdog.ts')).href}';
const waits = task(async () => {
  while (!isWatching()) await new Promise((resolve) => setTimeout(resolve, 5));
  console.log('waiting');
  const timer = setTimeout(() => {}, 3_600_000);
  await new Promise((_, reject) => runContext().signal.addEventListener('abort', () => { clearTimeout(timer); reject(runContext().signal.reason); }));
}, { name: 'waits' });
const main = flow(async () => { await waits(); }, { name: 'main' });
if (process.argv[2] === 'plain') await main();
if (process.argv[2] === 'unawaited') void main();
if (process.argv[2] === 'own-error') try { await main(); } catch { throw new Error('my own words'); }
if (process.argv[2] === 'own-handler') { process.on('uncaughtException', (error) => { console.log('heard: ' + error.message); process.exit(9); }); await main(); }
`,
);

for (const [kind, code, said, unsaid] of [
  ['plain', 130, /Cancelled by Ctrl-C/, /\n {4}at |triggerUncaughtException/],
  ['unawaited', 130, /Cancelled by Ctrl-C/, /\n {4}at |triggerUncaughtException/],
  ['own-error', 130, /Error: my own words\n {4}at/, /heard/],
  ['own-handler', 130, /heard: Cancelled by Ctrl-C/, /\n {4}at /],
] as const) {
  test(`${kind}: exit code ${code}`, async () => {
    const child = spawn(process.execPath, [PROGRAM, kind], {
      cwd: project,
      env: { PATH: process.env['PATH'], HOME: home, OSTINATO_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await until('the task waits', () => text.includes('waiting'));
    child.kill('SIGINT');
    assert.equal(await ended, code, text);
    assert.match(text, said);
    assert.doesNotMatch(text, unsaid);
  });
}
