/** The engine's own suite once more, with HTTP between the engine and the store. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
}

function runSuite(files: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn(
      process.execPath,
      ['--import', join(import.meta.dirname, 'register.ts'), '--test', '--test-reporter', 'tap', ...files],
      { cwd: root, env },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve({ exitCode, output }));
  });
}

test('the engine passes its suite over HTTP as in process', async () => {
  const files = globSync('tests/engine/*.test.ts', { cwd: root });
  assert.ok(files.length >= 20, `only ${files.length} files were found`);
  const { exitCode, output } = await runSuite(files);
  const failed = output.split('\n').filter((line) => /^\s*not ok /.test(line));
  assert.deepEqual(failed, []);
  assert.equal(exitCode, 0, output.slice(-4000));
  const passed = Number(/^# pass (\d+)/m.exec(output)?.[1]);
  assert.ok(passed >= 200, `only ${passed} tests passed`);
  const requests = [...output.matchAll(/requests over HTTP: (\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  assert.ok(requests >= 2000, `only ${requests} requests were made`);
});
