/** Puts finished flow runs of the last thirty days into a new database: `fill-runs COUNT PATH`. */

import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { openFlowRun, applyToFlowRun } from '../../src/core/rules/apply-flow-run.ts';
import type { Flow } from '../../src/core/flow-run.ts';
import { stampState, type ProposedState } from '../../src/core/state.ts';
import type { FlowId, FlowRunId, StateId } from '../../src/core/ids.ts';
import { instantFromMs, type Instant } from '../../src/core/time.ts';

const [count, path] = [Number(process.argv[2]), String(process.argv[3])];
const SPAN_US = 30 * 24 * 3600 * 1e6;
const ENDS: readonly ProposedState[] = [
  { type: 'COMPLETED', data: null },
  { type: 'COMPLETED', data: null },
  { type: 'COMPLETED', data: null },
  { type: 'FAILED', failure: null },
  { type: 'CRASHED' },
];

const storage = openSqliteStorage({ path, groupCommits: true });
const ids = createIdSource();
const now = instantFromMs(Date.now());
const flows: Flow[] = [];
for (const name of ['load', 'clean', 'train', 'report']) {
  flows.push(
    await storage.ensureFlow(name, () => ({ id: ids.next<FlowId>(), name, tags: [], labels: {}, createdAt: now })),
  );
}

let writes: unknown[] = [];
for (let index = 0; index < count; index += 1) {
  const at = (now - SPAN_US + Math.floor((SPAN_US * index) / count)) as Instant;
  const flow = flows[index % flows.length] as Flow;
  const stamp = (proposed: ProposedState, after: number) =>
    stampState(proposed, ids.next<StateId>(), (at + after) as Instant);
  const opened = openFlowRun(
    {
      id: ids.next<FlowRunId>(),
      flowId: flow.id,
      flowName: flow.name,
      name: `run-${index}`,
      flowVersion: null,
      parameters: { kind: 'inline', text: '{}', hash: 'h' },
      tags: index % 10 === 0 ? ['nightly'] : [],
      labels: {},
      policy: { retries: 0, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
      durability: 'process',
      parentTaskRunId: null,
      parentFlowRunId: null,
      idempotencyKey: null,
      entrypoint: null,
      lease: null,
      runner: 'ostinato',
      submission: null,
      createdAt: at,
    },
    stamp({ type: 'RUNNING' }, 0),
  );
  const run = applyToFlowRun(opened, stamp(ENDS[index % ENDS.length] as ProposedState, 5_000_000));
  writes.push(storage.insertFlowRun(run, []));
  if (writes.length < 2000) continue;
  await Promise.all(writes);
  writes = [];
}
await Promise.all(writes);
storage.close();
