import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, ProcessId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import type { FoundJob } from './infrastructure.ts';
import { readJobMark, writeJobMark, type JobMark } from './job-mark.ts';
import { LeftJobs } from './left-jobs.ts';

const ID = '01a22c06-c1eb-7000-be4e-9a7351a4ee0c' as FlowRunId;
const PROCESS = '01a22c06-c1eb-7000-be4e-9a7351a4ee0d' as ProcessId;
const MARK: JobMark = {
  run: { id: ID, name: 'brave-otter', deploymentId: ID, lease: { processId: PROCESS, token: 7 } },
  server: 'http://127.0.0.1:4200/api',
  pool: 'harbour',
  worker: 'docker hand',
  process: { pid: 42, host: 'barn', startMark: 'x' },
};
const NOW = 1_000_000_000_000 as Instant;

interface Given {
  /** `null`: it was deleted. */
  readonly run: { readonly type: string; readonly token: number | null; readonly forSeconds?: number } | null;
  readonly stage?: FoundJob['stage'];
  readonly mark?: Partial<JobMark>;
  readonly isAlive?: boolean;
  readonly isOwn?: boolean;
  readonly token?: number;
}

/** What becomes of the job: taken over, removed, or left. */
async function looked({ run, stage = 'running', mark, isAlive = false, isOwn = false, token = 7 }: Given) {
  const done: string[] = [];
  const taken = { ...MARK.run, lease: { processId: PROCESS, token } };
  const jobs = new LeftJobs({
    client: {
      readFlowRun: () =>
        run === null
          ? null
          : ({
              state: { type: run.type, name: run.type, timestamp: NOW - (run.forSeconds ?? 0) * 1e6 },
              lease: run.token === null ? null : { processId: PROCESS, token: run.token },
            } as unknown as FlowRun),
    },
    find: () =>
      Promise.resolve([
        {
          mark: writeJobMark({ ...MARK, run: taken, ...mark }),
          name: 'container x',
          stage,
          attach: () => Promise.reject(new Error('not here')),
          remove: () => (done.push('removed'), Promise.resolve()),
        },
      ]),
    own: { server: MARK.server, pool: MARK.pool },
    isAlive: () => Promise.resolve(isAlive),
    adopt: ({ id }) => void done.push(`taken over: ${id}`),
    clock: { now: () => NOW },
    say: () => {},
  });
  await jobs.look(() => isOwn);
  return done.join(', ') || 'left';
}

test('a job whose run is still its own, or its worker’s, is taken over, also one that has ended meanwhile', async () => {
  for (const type of ['RUNNING', 'CANCELLING', 'SCHEDULED', 'PENDING'])
    for (const token of [7, 8]) assert.equal(await looked({ run: { type, token } }), `taken over: ${ID}`);
  assert.equal(await looked({ run: { type: 'RUNNING', token: 8 }, stage: 'ended' }), `taken over: ${ID}`);
  assert.equal(
    await looked({ run: { type: 'RUNNING', token: null }, token: 0 }),
    `taken over: ${ID}`,
    'without leases',
  );
});

test('one whose run is over, gone, or of somebody else is removed', async () => {
  for (const run of [
    null,
    { type: 'RUNNING', token: 9 },
    { type: 'SCHEDULED', token: null },
    { type: 'CRASHED', token: 8 },
    { type: 'CANCELLED', token: 8 },
    { type: 'COMPLETED', token: 8, forSeconds: 61 },
  ])
    assert.equal(await looked({ run }), 'removed', JSON.stringify(run));
  assert.equal(await looked({ run: { type: 'RUNNING', token: 8 }, stage: 'unstarted' }), 'removed');
});

test('hooks of a run that has ended are waited for', async () => {
  assert.equal(await looked({ run: { type: 'COMPLETED', token: 8, forSeconds: 5 } }), 'left');
  assert.equal(await looked({ run: { type: 'COMPLETED', token: 8, forSeconds: 5 }, stage: 'ended' }), 'removed');
});

test('others’ jobs are left alone', async () => {
  const run = { type: 'CRASHED', token: 8 };
  assert.equal(await looked({ run, isAlive: true }), 'left');
  assert.equal(await looked({ run, isOwn: true }), 'left');
  assert.equal(await looked({ run, mark: { server: 'http://elsewhere/api' } }), 'left');
  assert.equal(await looked({ run, mark: { pool: 'other' } }), 'left');
});

test('a mark is read as it was written; what is none is none', () => {
  assert.deepEqual(readJobMark(writeJobMark(MARK)), MARK);
  for (const text of [
    '',
    '{}',
    'null',
    '[]',
    '{"run":{"id":"x"}}',
    writeJobMark(MARK).replace('"pid":42', '"pid":"42"'),
  ])
    assert.equal(readJobMark(text), null, text);
});
