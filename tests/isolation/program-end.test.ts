/** Isolates and the end of the program around them: none keeps it alive, none outlives it. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';

import { isAlive, until } from './world.ts';

/** Starts the program and answers its lines as they come. */
function launch(
  t: TestContext,
  ...args: string[]
): { readonly program: ChildProcess; readonly line: () => Promise<string> } {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'program.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void program.kill('SIGKILL'));
  const lines = createInterface({ input: program.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return { program, line: async () => String((await lines.next()).value) };
}

for (const kind of ['thread', 'process']) {
  test(`a program ends by itself although a ${kind} rests`, { timeout: 20_000 }, async (t) => {
    const { program, line } = launch(t, kind, 'idle');
    const pid = Number(await line());
    const [code] = await once(program, 'exit');
    assert.equal(code, 0);
    await until(() => !isAlive(pid), 'the isolate is gone');
  });

  test(`process.exit() ends a busy ${kind}`, { timeout: 20_000 }, async (t) => {
    const { program, line } = launch(t, kind, 'exit');
    const pid = Number(await line());
    const [code] = await once(program, 'exit');
    assert.equal(code, 0);
    await until(() => !isAlive(pid), 'the isolate is gone', 300);
  });
}

test('a busy child process ends soon after its program was killed', { timeout: 20_000 }, async (t) => {
  const { program, line } = launch(t, 'process', 'busy');
  const pid = Number(await line());
  assert.equal(await line(), 'busy');
  assert.ok(isAlive(pid));
  program.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the child noticed', 3000);
});
