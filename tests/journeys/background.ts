/** A command that goes on while the test does something else: followed, interrupted, killed. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { LAUNCHER, type Ended, type Place } from './launch.ts';

/** Generous: the machine may be busy with other tests. */
const WAIT_MS_MAX = 60_000;

export interface Background {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written so far. */
  text(): { readonly stdout: string; readonly stderr: string };
}

export function startOstinato(
  place: Pick<Place, 'home' | 'project'>,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  launcher = LAUNCHER,
): Background {
  return startNode(place, [launcher, ...words], env);
}

/** A program of a user, by itself. */
export function startProgram(
  place: Pick<Place, 'home' | 'project'>,
  path: string,
  env: Readonly<Record<string, string>> = {},
): Background {
  return startNode(place, [path], env);
}

function startNode(
  { home, project }: Pick<Place, 'home' | 'project'>,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Background {
  const child = spawn(process.execPath, words, {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: home, OSTINATO_HOME: home, OSTINATO_SERVER_BUILD_PAGES: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails half-way leaves nothing behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (exitCode) => {
      process.off('exit', kill);
      resolve({ exitCode, stdout, stderr });
    });
  });
  return { child, ended, text: () => ({ stdout, stderr }) };
}

/**
 * Asks again and again until the answer is there.
 *
 * @param waitMsMax longer than a minute where the product itself waits that long
 */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  waitMsMax = WAIT_MS_MAX,
): Promise<T> {
  const limit = performance.now() + waitMsMax;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false && answer !== null) return answer;
    if (performance.now() > limit) throw new Error(`It did not come to this in ${waitMsMax} ms: ${what}.`);
    await sleep(30);
  }
}

/** The JSON that a command printed, which must have exactly the shape of the contract. */
export function conforming<T = Record<string, unknown>>(schema: TSchema, ended: Ended): T {
  assert.equal(ended.stderr.includes('Unexpected error'), false, ended.stderr);
  const json: unknown = JSON.parse(ended.stdout);
  for (const item of Array.isArray(json) ? json : [json]) {
    if (Value.Check(schema, item)) continue;
    assert.fail(
      `${JSON.stringify([...Value.Errors(schema, item)].slice(0, 5), null, 1)}\n${JSON.stringify(item, null, 1)}`,
    );
  }
  return json as T;
}
