/**
 * Why a process ended in the middle of its runs, written by itself on its way out: whoever finds its runs later says that, and not
 * only that the process is gone.
 *
 * A file beside the process's journals: the way out leaves no time for a database. Old ones go when a new one is written.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { ProcessRecord } from '../core/process-record.ts';
import type { Liveness } from './process-liveness.ts';

const SUFFIX = '.end';
/** Runs are found at the next command in their home; whoever comes later than this is told less. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const WORDS_MAX = 2_000;

/** @param journals the folder of journals */
export function lastWordsPath(journals: string, processId: string): string {
  return join(journals, `${processId}${SUFFIX}`);
}

/** The first words stay. Never throws: nobody is left to hear of it. */
export function writeLastWords(path: string, words: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, words.slice(0, WORDS_MAX), { flag: 'wx', mode: 0o600 });
    removeOld(dirname(path));
  } catch { /* The runs are found by their lease all the same. */ }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith(SUFFIX) && statSync(path).mtimeMs < Date.now() - KEPT_MS) rmSync(path, { force: true });
  }
}

/** The same judgement, with the process's own last words as the evidence where it left some in this home. */
export function withLastWords(journals: string, judge: (record: ProcessRecord) => Liveness): (record: ProcessRecord) => Liveness {
  return (record) => {
    const liveness = judge(record);
    if (liveness.alive) return liveness;
    const words = readLastWords(lastWordsPath(journals, record.id));
    return words === '' ? liveness : { alive: false, evidence: words };
  };
}

function readLastWords(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, WORDS_MAX).trim();
  } catch {
    return '';
  }
}
