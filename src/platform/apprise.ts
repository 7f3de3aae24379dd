/**
 * Sends by the Python package Apprise, in a process of its own: at most two at a time, for 20 s each, with limits of
 * memory and output.
 */

import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';

import { APPRISE_PROGRAM } from './apprise-program.ts';

export interface AppriseOrder {
  /** As Apprise reads it; several are separated by commas. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly type: 'info' | 'success' | 'warning' | 'failure';
  /** Machines that may be reached: whether names below it are meant, the name, the port. `null`: all. */
  readonly targets: readonly (readonly [isWild: boolean, name: string, port: number | null])[] | null;
  /** Whether addresses of private networks may be reached. */
  readonly private: boolean;
}

export type AppriseAnswer =
  /** There is no such Python, or it has no Apprise. */
  | { readonly outcome: 'missing'; readonly reason: string }
  /** Apprise cannot read the address. */
  | { readonly outcome: 'unknown'; readonly said: readonly string[] }
  | { readonly outcome: 'unfinished'; readonly reason: string }
  | {
      readonly outcome: 'done';
      /** How many of the services took it. */
      readonly sent: number;
      /** Of the services. */
      readonly names: readonly string[];
      /** What Apprise warned of, and what was not allowed. */
      readonly said: readonly string[];
      readonly refused: readonly string[];
    };

export interface AppriseLimits {
  readonly waitMs: number;
  readonly runMs: number;
}

const AT_ONCE_MAX = 2;
/** Together less than the lease of an order. */
const LIMITS: AppriseLimits = { waitMs: 60_000, runMs: 20_000 };
const OUTPUT_BYTES_MAX = 64 * 1024;
/** What a process of Python needs to find certificates and proxies. */
const PASSED = /^(?:PATH|LANG|LC_ALL|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|SYSTEMROOT|(?:https?|no)_proxy)$/i;

let running = 0;
const waiting: (() => void)[] = [];

/** @param python the program, for instance `python3` */
export async function sendByApprise(
  python: string,
  order: AppriseOrder,
  { waitMs, runMs } = LIMITS,
): Promise<AppriseAnswer> {
  if (!(await takesTurn(waitMs))) return { outcome: 'unfinished', reason: 'too many others are being sent by Apprise' };
  try {
    return await run(python, order, runMs);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/** `false`: it waited too long. */
function takesTurn(waitMs: number): Promise<boolean> {
  if (running < AT_ONCE_MAX) {
    running += 1;
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(late);
      resolve(true);
    };
    const late = setTimeout(() => {
      waiting.splice(waiting.indexOf(go), 1);
      resolve(false);
    }, waitMs);
    waiting.push(go);
  });
}

function run(python: string, order: AppriseOrder, runMs: number): Promise<AppriseAnswer> {
  return new Promise((resolve) => {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
    // Isolated: what lies in the folder, or in the environment, is not imported.
    const child = spawn(python, ['-I', '-B', '-c', APPRISE_PROGRAM], { cwd: tmpdir(), env, stdio: 'pipe' });
    let out = '';
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, runMs);
    const end = (answer: AppriseAnswer): void => {
      clearTimeout(late);
      resolve(answer);
    };
    child.on('error', (error) => end({ outcome: 'missing', reason: `${python} cannot be started: ${error.message}` }));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.length > OUTPUT_BYTES_MAX) child.kill('SIGKILL');
    });
    // What it says there may hold anything, and nobody reads it.
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(order));
    child.on('close', () => {
      if (isLate) return end({ outcome: 'unfinished', reason: `Apprise was not done within ${runMs / 1000} s` });
      return end(answerIn(out, python));
    });
  });
}

function answerIn(out: string, python: string): AppriseAnswer {
  try {
    const told = JSON.parse(out.trim().split('\n').at(-1) ?? '') as Readonly<Record<string, unknown>>;
    if (told['missing'] === true) return { outcome: 'missing', reason: `${python} has no package apprise` };
    const [names, said, refused] = ['names', 'said', 'refused'].map((name) => (told[name] ?? []) as readonly string[]);
    if (told['unknown'] === true) return { outcome: 'unknown', said: said ?? [] };
    return {
      outcome: 'done',
      sent: Number(told['sent']),
      names: names ?? [],
      said: said ?? [],
      refused: refused ?? [],
    };
  } catch {
    return { outcome: 'unfinished', reason: 'Apprise ended without an answer' };
  }
}
