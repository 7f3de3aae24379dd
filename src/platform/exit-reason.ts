/**
 * The reason why a process ended in the middle of its runs, written by the process itself as it exits. Whoever finds
 * its runs later shows this reason.
 *
 * A file beside the process's journals, because an exit leaves no time for a database. Old files are removed when a new
 * one is
 * written.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { ProcessRecord } from '../core/process-record.ts';
import type { Liveness } from './process-liveness.ts';

const SUFFIX = '.end';
/** Runs are found by the next command in their home; a later one shows no reason. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const WORDS_MAX = 2_000;

/** @param journals the folder of journals */
export function exitReasonPath(journals: string, processId: string): string {
  return join(journals, `${processId}${SUFFIX}`);
}

/** Keeps the first reason if there is one. Never throws, since the process is ending. */
export function writeExitReason(path: string, words: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, words.slice(0, WORDS_MAX), { flag: 'wx', mode: 0o600 });
    removeOld(dirname(path));
  } catch {
    /* Without the file, the runs are still found by their lease. */
  }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith(SUFFIX) && statSync(path).mtimeMs < Date.now() - KEPT_MS) rmSync(path, { force: true });
  }
}

/** The same liveness check, with the process's exit reason as evidence, if it left one in this home. */
export function withExitReasons(
  journals: string,
  judge: (record: ProcessRecord) => Liveness,
): (record: ProcessRecord) => Liveness {
  return (record) => {
    const liveness = judge(record);
    if (liveness.alive) return liveness;
    const words = readExitReason(exitReasonPath(journals, record.id));
    return words === '' ? liveness : { alive: false, evidence: words };
  };
}

function readExitReason(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, WORDS_MAX).trim();
  } catch {
    return '';
  }
}
