/** Several processes on one file: nobody sees a lock, nothing committed is lost when one is killed. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { FlowRunId, TaskRunId } from '../../src/core/ids.ts';
import { matching, ofFlow } from '../../src/core/list-query.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { countByState } from '../../src/orchestrator/count-by-state.ts';
import { makeEvent, newId, newInstant } from './samples.ts';
import { CONTENTION, tellings, type ContentionReport } from './storage-process.ts';

const SCRIPT = join(import.meta.dirname, 'storage-process.ts');
const PROCESSES = 4;

function makeFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-store-'));
  test.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('processes on one SQLite file', () => {
  for (const start of ['a file that is not there yet', 'a file that is there']) {
    it(`contend for ${start}, and nobody fails`, async (test) => {
      const path = join(makeFolder(test), 'new folder', 'ostinato.db');
      if (start === 'a file that is there') openSqliteStorage({ path }).close();
      const children = Array.from({ length: PROCESSES }, () =>
        promisify(execFile)(process.execPath, [SCRIPT, 'contend', `sqlite:${path}`]),
      );
      const reports = (await Promise.all(children)).map(({ stdout }) => JSON.parse(stdout) as ContentionReport);
      const sum = (field: keyof ContentionReport): number =>
        reports.reduce((total, report) => total + report[field], 0);
      assert.equal(sum('created'), 1, 'the run with the idempotency key');
      assert.ok(sum('claimed') >= 1);

      const storage = openSqliteStorage({ path });
      const { flowRuns, batches, recordsPerBatch, increments } = CONTENTION;
      assert.equal((await storage.readVariable({ name: 'counter' }))?.value, PROCESSES * increments);
      assert.equal(await storage.count('flow_run', ofFlow('shared')), PROCESSES * flowRuns + 1);
      assert.deepEqual(await countByState(storage, 'task_run', EVERYTHING), {
        COMPLETED: PROCESSES * batches * recordsPerBatch,
      });
      assert.equal((await storage.listProcesses()).length, PROCESSES);
      assert.equal((await storage.list('log', { limit: 1000 })).length, PROCESSES * batches);
      const events = 1 + PROCESSES * (2 * flowRuns + 3 * batches * recordsPerBatch);
      let seen = 0;
      for (let afterSeq = 0; ;) {
        const page = await storage.readEvents({ afterSeq, limit: 5000 });
        if (page.length === 0) break;
        seen += page.length;
        afterSeq = page.at(-1)?.seq ?? 0;
      }
      assert.equal(seen, events);
      storage.close();
    });
  }

  it('keep what was committed when one is killed', async (test) => {
    const path = join(makeFolder(test), 'ostinato.db');
    const flowRunId = newId<FlowRunId>();
    const promised = new Set<TaskRunId>();
    for (let round = 0; round < 5; round++) {
      const output = await killAfterLines(1 + round * 7, [SCRIPT, 'write-forever', `sqlite:${path}`, flowRunId]);
      for (const id of output
        .split('\n')
        .slice(0, -1)
        .flatMap((line) => line.split(' ')))
        promised.add(id as TaskRunId);
    }
    assert.ok(promised.size >= 20 * (1 + 8 + 15 + 22 + 29));

    const storage = openSqliteStorage({ path });
    const found = new Set<TaskRunId>();
    for (let after: TaskRunId | undefined; ;) {
      const page = await storage.list('task_run', {
        where: matching({ flowRunId }),
        direction: 'asc',
        after,
        limit: 1000,
      });
      for (const run of page) found.add(run.id);
      after = page.at(-1)?.id;
      if (page.length < 1000) break;
    }
    storage.close();
    assert.deepEqual(
      [...promised].filter((id) => !found.has(id)),
      [],
    );
    assert.equal(found.size % 20, 0, 'whole batches');
    const db = new DatabaseSync(path);
    assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    db.close();
  });

  it('make of each event exactly once as consumers of one name, two at a time, although they are killed', async (test) => {
    const path = join(makeFolder(test), 'ostinato.db');
    const storage = openSqliteStorage({ path });
    await storage.ensureCursor('consumer', 'oldest', newInstant());
    const written: string[] = [];
    for (let round = 0; round < 3; round++) {
      const events = Array.from({ length: 100 }, () => makeEvent());
      written.push(...events.map(({ id }) => id));
      for (const event of events) await storage.recordEvents([{ event, taskRun: null }]);
      const consume = [SCRIPT, 'consume-forever', `sqlite:${path}`, 'consumer'];
      await Promise.all([killAfterLines(3 + round, consume), killAfterLines(5, consume)]);
    }
    const now = newInstant();
    while (
      (await storage.advanceCursor('consumer', { limit: 100, now }, (batch) => ({
        events: tellings(batch),
        answer: null,
      }))) !== null
    );
    const told = (await storage.readEvents({ afterSeq: 0, limit: 1000 })).filter(({ name }) => name === 'told');
    storage.close();
    assert.deepEqual(
      told.map(({ payload }) => (JSON.parse(payload ?? '') as { readonly of: string }).of).toSorted(),
      written.toSorted(),
    );
  });
});

/** Ends the process by SIGKILL once it has printed so many lines; answers what it printed. */
async function killAfterLines(lines: number, command: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > lines) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  assert.equal(child.signalCode, 'SIGKILL');
  return output;
}
