/**
 * Sagas one after the other in one process, until somebody kills it: by itself at the point KILL_POINT, counted in
 * lines of the witness and in writes to files, each before and after; or from outside. KILL_FOLDER has a witness for
 * each job; KILL_JOBS says how many there are.
 */
import fs, { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

import { defineSaga } from '../engine/fixtures/saga.ts';

const { KILL_FOLDER: folder = '', KILL_JOBS: jobs = '1', KILL_POINT: point = 'Infinity' } = process.env;

let points = 0;
let job = 0;
let tokens = 0;

function pass(): void {
  points += 1;
  if (points >= Number(point)) process.kill(process.pid, 'SIGKILL');
}

const { writeSync } = fs;
fs.writeSync = ((...args: Parameters<typeof writeSync>) => {
  pass();
  const written = writeSync(...args);
  pass();
  return written;
}) as typeof writeSync;
syncBuiltinESMExports();

function witness(): string {
  return join(folder, `${job}.witness`);
}

/** One write to a file opened with O_APPEND: it is there when the call returns, whatever happens next. */
function say(...words: readonly string[]): void {
  pass();
  appendFileSync(witness(), `${words.join(' ')}\n`);
  pass();
}

const saga = defineSaga({ say, token: () => `${process.pid}.${(tokens += 1)}` }, 'automatic');

for (; job < Number(jobs); job += 1) {
  if (existsSync(witness()) && readFileSync(witness(), 'utf8').endsWith('done\n')) continue;
  await saga({ job: String(job) });
  say('done');
}
