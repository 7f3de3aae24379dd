/**
 * Processes that run flows at once on one database file: nobody hears of a locked database, and everything is recorded.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';

import { live, readHome } from './kill-child.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-two-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

interface Result {
  readonly rounds: number;
  readonly computed: readonly number[];
}

const SECONDS = 4;
/** Of one round: ten sums, forty squares, one shared task. */
const TASKS_A_ROUND = 51;

test('three processes on a fresh home, for seconds: no lock is an error, every run is there', async (t) => {
  const home = join(folder, 'home');
  const names = ['one', 'two', 'three'];
  // All at once: they also race for making the database.
  const lives = await Promise.all(
    names.map((name) =>
      live('two-processes-program.ts', [name, String(SECONDS), join(folder, name)], home, () => false),
    ),
  );
  for (const { exitCode, stderr } of lives) {
    const troubles = stderr.split('\n').filter((line) => /locked|busy|SQLITE|could not|interrupted/i.test(line));
    assert.deepEqual(troubles.slice(0, 5), []);
    assert.equal(exitCode, 0, stderr.slice(-2000));
  }
  const results = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Result);
  const rounds = results.reduce((sum, result) => sum + result.rounds, 0);
  t.diagnostic(
    `${rounds} flow runs and ${rounds * TASKS_A_ROUND} task runs in ${SECONDS} s: ${results.map((result) => result.rounds).join(' + ')}`,
  );
  const computed = results.flatMap((result) => result.computed);
  assert.equal(new Set(computed).size, computed.length, 'no shared result was computed twice');

  const report = readHome(home);
  assert.equal(report.integrity, 'ok');
  assert.deepEqual([report.journals, report.processes, report.openTaskRuns, report.statesWithoutEvent], [[], 0, 0, 0]);
  assert.equal(report.flowRuns.length, rounds);
  assert.ok(report.flowRuns.every(({ state }) => state === 'Completed'));
  const db = new DatabaseSync(join(home, 'ostinato.db'), { readOnly: true });
  assert.equal(db.prepare('SELECT count(*) n FROM task_run').get()?.['n'], rounds * TASKS_A_ROUND);
  db.close();
});
