/** Starts a program that is to be killed, kills it, and says what its steps did. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { ROOT } from './launch.ts';

export interface KillPlace {
  /** What OSTINATO_HOME is. */
  readonly home: string;
  readonly effects: string;
  readonly result: string;
}

export interface Life {
  readonly wasKilled: boolean;
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** A line of the effects file: which process said what of which step. */
export interface Effect {
  readonly pid: number;
  readonly word: 'body' | 'continued';
  readonly step: string;
}

export function placeIn(folder: string): KillPlace {
  return { home: join(folder, 'home'), effects: join(folder, 'effects'), result: join(folder, 'result.json') };
}

/** Runs a program of this folder with these words; kills it with SIGKILL as soon as `shouldDie` says so. */
export function live(program: string, words: readonly string[], home: string, shouldDie: () => boolean): Promise<Life> {
  return liveAs([join(ROOT, 'tests', 'journeys', program), ...words], home, {}, shouldDie);
}

export function liveAs(
  words: readonly string[],
  home: string,
  env: Readonly<Record<string, string>>,
  shouldDie: () => boolean,
): Promise<Life> {
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, OSTINATO_HOME: home, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  let wasKilled = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const watch = setInterval(() => {
    if (wasKilled || !shouldDie()) return;
    wasKilled = true;
    child.kill('SIGKILL');
  }, 1);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      clearInterval(watch);
      resolve({ wasKilled: signal === 'SIGKILL', exitCode, stderr });
    });
  });
}

/** Says yes once `bytes` more were written to the file, and the same again `delayMs` later. */
export function afterGrowth(path: string, bytes: number, delayMs: number): () => boolean {
  const from = sizeOf(path);
  let grownAt: number | null = null;
  return () => {
    if (sizeOf(path) - from >= bytes) grownAt ??= performance.now();
    return grownAt !== null && performance.now() - grownAt >= delayMs;
  };
}

export function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

export function readEffects(path: string): readonly Effect[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [pid = '', word = '', step = ''] = line.split(' ');
      return { pid: Number(pid), word: word as Effect['word'], step };
    });
}

/** Steps whose body ran although an earlier line says that their caller had gone on. */
export function brokenPromises(effects: readonly Effect[]): readonly string[] {
  const promised = new Set<string>();
  const broken = new Set<string>();
  for (const { word, step } of effects) {
    if (word === 'continued') promised.add(step);
    else if (promised.has(step)) broken.add(step);
  }
  return [...broken];
}

export interface HomeReport {
  readonly integrity: unknown;
  readonly journals: readonly string[];
  readonly processes: number;
  readonly flowRuns: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: string;
    readonly runCount: number;
  }[];
  readonly openTaskRuns: number;
  /** What the Crashed states of flow runs say. */
  readonly evidence: readonly string[];
  readonly statesWithoutEvent: number;
  readonly eventsWithoutState: number;
}

const STATES = 'SELECT * FROM (SELECT id FROM flow_run_state UNION ALL SELECT id FROM task_run_state)';

/** What is on the disk now, read without the product. */
export function readHome(home: string): HomeReport {
  const db = new DatabaseSync(join(home, 'ostinato.db'), { readOnly: true });
  const all = <Row>(sql: string): Row[] => db.prepare(sql).all() as Row[];
  const count = (sql: string): number => Number(all<{ n: number }>(sql)[0]?.n);
  const journals = join(home, 'journals');
  try {
    return {
      integrity: Object.values(all<Record<string, unknown>>('PRAGMA integrity_check')[0] ?? {})[0],
      journals: existsSync(journals) ? readdirSync(journals) : [],
      processes: count('SELECT count(*) n FROM process'),
      flowRuns: all(
        'SELECT lower(hex(flow_run.id)) id, flow.name name, state_name state, run_count runCount FROM flow_run JOIN flow ON flow.id = flow_run.flow_id ORDER BY flow_run.id',
      ),
      openTaskRuns: count(
        "SELECT count(*) n FROM task_run WHERE state_type NOT IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')",
      ),
      evidence: all<{ body: string }>("SELECT body FROM flow_run_state WHERE type = 'CRASHED'").map(({ body }) => body),
      statesWithoutEvent: count(`SELECT count(*) n FROM (${STATES} EXCEPT SELECT id FROM event)`),
      eventsWithoutState: count(
        `SELECT count(*) n FROM (SELECT id FROM event WHERE task_run_id IS NOT NULL OR name LIKE 'prefect.flow-run.%' EXCEPT ${STATES})`,
      ),
    };
  } finally {
    db.close();
  }
}
