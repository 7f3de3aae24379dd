import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { isFlow } from 'ostinato';

import type { TaskRun } from '../src/core/task-run.ts';
import { readRecords, runExample, temporaryFolder } from './fixtures/run-example.ts';

const readExample = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
const exampleFiles = globSync('[0-9][0-9]-*.ts', { cwd: import.meta.dirname })
  .filter((file) => readExample(file).includes('\nif (import.meta.main)'))
  .toSorted((a, b) => a.localeCompare(b));

/** `load: Completed ×2`: the task, how it ended, and its attempts if there were several. */
function tell({ taskName, state, runCount }: TaskRun): string {
  return `${taskName}: ${state.name}${runCount > 1 ? ` ×${runCount}` : ''}`;
}

test('each example exports one flow, so that `ostinato run FILE` needs no name', async () => {
  for (const file of exampleFiles) {
    const exported: Record<string, unknown> = await import(join(import.meta.dirname, file));
    assert.equal(Object.values(exported).filter(isFlow).length, 1, file);
  }
});

test('examples are numbered without a gap and open with what they teach', () => {
  // The twelfth is a program of a worker, not a flow.
  const numbers = [...Array.from({ length: 11 }, (_, at) => at + 1), 13, 14];
  assert.equal(exampleFiles.length, numbers.length);
  exampleFiles.forEach((file, index) => {
    const at = (numbers[index] as number) - 1;
    assert.equal(Number(file.slice(0, 2)), at + 1);
    assert.match(readExample(file), new RegExp(`^/\\*\\*\\n \\* # ${at + 1} · [^]*Run it`), file);
  });
});

describe('short examples', { concurrency: 2 }, () => {
  test('04: retries and timeouts', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout, exitCode } = await runExample('04-retries-and-timeouts.ts', folder);
    assert.equal(exitCode, 0);
    for (const line of [
      'answered at attempt 3',
      'in time at attempt 2',
      'TerminalError: wrong password',
      'RangeError: no such name: Nobody',
    ])
      assert.ok(stdout.includes(`'${line}'`), stdout);
    const { taskRuns } = await readRecords(folder);
    assert.deepEqual(taskRuns.map(tell), [
      'flaky: Completed ×3',
      'slow: Completed ×2',
      'login: Failed',
      'lookUp: Failed',
    ]);
  });

  test('05: caching', async (t) => {
    const folder = temporaryFolder(t);
    const outputs = [await runExample('05-caching.ts', folder), await runExample('05-caching.ts', folder)];
    for (const { stdout } of outputs)
      assert.match(stdout, /\{ sum: 6, again: 6, opens: 2025, shelves: \[ 'shelf D', 'shelf D' \] \}/);
    const { taskRuns } = await readRecords(folder);
    const first = [
      'addUp: Completed',
      'addUp: Cached',
      'openingDays: Completed',
      'shelfOf: Completed',
      'shelfOf: Cached',
    ];
    assert.deepEqual(taskRuns.map(tell), [...first, ...first.map((line) => line.replace('Completed', 'Cached'))]);
    assert.ok(
      taskRuns.every(
        ({ cache, state }) => (state.name === 'Cached') === (cache?.outcome === 'hit') && cache?.reason !== '',
      ),
    );
  });

  test('06: transactions', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout } = await runExample('06-transactions.ts', folder);
    const path = join('output', 'report', 'report.txt');
    assert.equal(
      stdout,
      `took the report away\nnot published: a report of 1 line is too short\nshort: false\npublished ${path}\nlong: true\n`,
    );
    assert.equal(readFileSync(join(folder, path), 'utf8'), 'Sales went up.\nCosts went down.');
    const { taskRuns } = await readRecords(folder);
    assert.deepEqual(taskRuns.map(tell), [
      'writeReport: RolledBack',
      'checkReport: Failed',
      'writeReport: Completed',
      'checkReport: Completed',
    ]);
  });

  test('07: a killed flow continues, and no finished task runs again', async (t) => {
    const folder = temporaryFolder(t);
    const killed = await runExample('07-durable-resume.ts', folder);
    assert.deepEqual([killed.signal, killed.exitCode], ['SIGKILL', null]);
    assert.deepEqual(killed.stdout.match(/step \d runs/g), ['step 1 runs', 'step 2 runs', 'step 3 runs']);
    const resumed = await runExample('07-durable-resume.ts', folder);
    assert.equal(resumed.exitCode, 0, resumed.stderr);
    assert.deepEqual(resumed.stdout.match(/step \d runs/g), ['step 4 runs', 'step 5 runs', 'step 6 runs']);
    assert.equal(
      new Set([...resumed.stdout.matchAll(/│ \d +│ \d +│ (\d+) +│/g)].map(([, process]) => process)).size,
      2,
    );
    const { flowRuns, taskRuns } = await readRecords(folder);
    assert.deepEqual(
      flowRuns.map(({ state, runCount }) => [state.name, runCount]),
      [['Completed', 2]],
    );
    assert.deepEqual(
      taskRuns.map(tell),
      Array.from({ length: 6 }, () => 'step: Completed'),
    );
  });

  test('08: subflows and states', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout } = await runExample('08-subflows-and-states.ts', folder);
    for (const line of [
      'kitchen → Completed',
      'cellar → Completed',
      'ballroom → Skipped: nobody is in',
      'attic → Failed: the attic is locked',
    ])
      assert.ok(stdout.includes(`'${line}'`), stdout);
    const { flowRuns, taskRuns } = await readRecords(folder);
    const house = flowRuns.find(({ flowName }) => flowName === 'House');
    assert.equal(house?.state.type, 'COMPLETED');
    const measures = flowRuns.filter(({ parentFlowRunId }) => parentFlowRunId === house?.id);
    assert.deepEqual(measures.map(({ name, state }) => `${name}: ${state.name}`).toReversed(), [
      'measure kitchen: Completed',
      'measure cellar: Completed',
      'measure ballroom: Skipped',
      'measure attic: Failed',
    ]);
    assert.deepEqual(
      taskRuns.filter(({ taskName }) => taskName === 'describeReading').map(({ inputs }) => inputs['reading']?.length),
      [1, 1],
      'an edge is recorded',
    );
  });

  test('09: generators', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout } = await runExample('09-generators.ts', folder);
    assert.ok(stdout.indexOf('greeting user-1a and user-1b') < stdout.indexOf('page 3 arrived'), stdout);
    assert.match(stdout, /\{ greeted: \[ 2, 2, 2 \], seen: \[ 3, 2, 1 \] \}/);
    const { taskRuns } = await readRecords(folder);
    assert.equal(taskRuns.filter((run) => tell(run) === 'greet: Completed').length, 3);
  });

  test('10: worker threads', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout, exitCode } = await runExample('10-worker-threads.ts', folder);
    assert.equal(exitCode, 0);
    assert.match(stdout, /primes: 9592,\n +inThreads: true,\n +stuck: 'TimedOut: .*ended by force/);
    const { taskRuns } = await readRecords(folder);
    assert.deepEqual(
      taskRuns.map(({ taskName, isolation, state }) => `${taskName} ${isolation} ${state.name}`),
      ['countPrimes thread Completed', 'countPrimes thread Completed', 'loopForever thread TimedOut'],
    );
  });

  test('13: when something fails', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout, exitCode } = await runExample('13-when-something-fails.ts', folder);
    assert.equal(exitCode, 0);
    assert.match(stdout, /'Greece: 216.00 USD',\n +'Atlantis: 0.00 USD',\n +'at the rates of yesterday'/);
    const { flowRuns, taskRuns } = await readRecords(folder);
    assert.equal(flowRuns[0]?.state.message, '1 optional step failed: postToChat-0. 1 step fell back: rates-0.');
    assert.deepEqual(
      taskRuns.map(tell).toSorted((a, b) => a.localeCompare(b)),
      [
        'onFailure: Completed',
        'orders: Completed',
        'orders: Failed',
        'postToChat optional: WentOn',
        'postToChat: Failed',
        'rates fallback: FellBack',
        'rates: Failed ×2',
        'yesterdaysRates: Completed',
      ],
    );
  });

  test('14: asking people', async (t) => {
    const folder = temporaryFolder(t);
    const { stdout, exitCode } = await runExample('14-asking-people.ts', folder);
    assert.equal(exitCode, 0);
    assert.ok(stdout.includes("[ 'Athens: published', 'Sparta: kept back' ]"), stdout);
    const { taskRuns } = await readRecords(folder);
    assert.deepEqual(
      taskRuns.map(tell).toSorted((a, b) => a.localeCompare(b)),
      ['approval: Defaulted', 'approval: Defaulted', 'publish: Completed'],
    );
  });
});
