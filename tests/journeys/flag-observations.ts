/** What a case of a flag is, and what is looked at in what a command says. */

import { until } from './background.ts';
import { callCommand, startCommand } from './in-process.ts';
import { makePlace, type Ended } from './launch.ts';

/** What is seen when these words, which may be none, stand behind the command. */
export type Observe = (flag: readonly string[]) => Promise<unknown>;

export interface Case {
  /** What stands behind the long form; empty for a flag that takes nothing. */
  readonly values: readonly string[];
  readonly observe: Observe;
}

export const of = (values: readonly string[], observe: Observe): Case => ({ values, observe });

export const has =
  (...words: readonly string[]) =>
  ({ stdout, stderr }: Ended): unknown =>
    words.map((word) => (stdout + stderr).includes(word));
export const code = ({ exitCode }: Ended): unknown => exitCode;
/** Of lists as tables: how many lines. */
export const lines = ({ stdout }: Ended): unknown => stdout.trim().split('\n').length;

export function isJson({ stdout }: Ended): boolean {
  const texts = [stdout, ...stdout.trim().split('\n')];
  const reads = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  return stdout !== '' && (reads(stdout) || texts.slice(1).every(reads));
}

/** About servers of other homes. */
export const elsewhere =
  (words: readonly string[], look: (ended: Ended) => unknown): Observe =>
  async (flag) => {
    const other = makePlace();
    const at = { env: { OSTINATO_HOME: other.home }, cwd: other.project };
    const call = startCommand([...words, ...flag], at);
    // Whoever waits gets what it waits for.
    if ([...words, ...flag].includes('--wait') && !flag.includes('0'))
      await other.ostinato(['server', 'start', '--port', '0', '--background']);
    const ended = await call.ended;
    await other.ostinato(['server', 'stop']);
    return look(ended);
  };

export const stopped: Observe = async (flag) => {
  const other = makePlace();
  await other.ostinato(['server', 'start', '--port', '0', '--background']);
  const { exitCode } = await callCommand(['server', 'stop', ...flag], {
    env: { OSTINATO_HOME: other.home },
    cwd: other.project,
  });
  await until('it has ended', async () => (await other.ostinato(['server', 'status'])).exitCode === 1);
  return exitCode;
};
