/**
 * Every option that a user can give changes something that can be seen. The options are read from the types: one
 * without a case here fails this test, as does a case whose observation is the same with the option and without it.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import {
  approval,
  artifacts,
  asyncRunner,
  cacheFolder,
  cancelled,
  completed,
  crashed,
  flow,
  INPUTS,
  task,
  transaction,
  type ApprovalOptions,
  type FlowOptions,
} from '../../src/index.ts';
import type { TaskRunId } from '../../src/core/ids.ts';
import type { Instant } from '../../src/core/time.ts';
import { type Fault, type TestWorld } from '../../src/testing.ts';
import { saidByFlow } from '../../src/sdk/said-by-flow.ts';
import { EVENT_CASES } from './fixtures/event-option-cases.ts';
import { DEPLOYMENT_OPTION_TYPES, membersOf } from './fixtures/option-types.ts';
import { folderOf, folders, inWorld, messages, type Observe } from './fixtures/option-world.ts';
import { fails, slow, TASK_CASES } from './fixtures/task-option-cases.ts';

const ROOT = join(import.meta.dirname, '..', '..', 'src');

/** Where each type of options stands. */
const TYPES: Readonly<Record<string, string>> = {
  TaskOptions: 'engine/definitions.ts',
  FlowOptions: 'engine/definitions.ts',
  MapOptions: 'engine/map.ts',
  TransactionOptions: 'engine/transaction.ts',
  WaitOptions: 'engine/future.ts',
  ApprovalOptions: 'sdk/approval-options.ts',
  ArtifactOptions: 'sdk/artifacts.ts',
  StateOptions: 'sdk/states.ts',
  CacheFolderOptions: 'platform/cache-folder.ts',
  EmitEventOptions: 'sdk/emit-event.ts',
};

test.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface FlowCase {
  readonly base?: FlowOptions;
  readonly body?: () => unknown;
  readonly faults?: readonly Fault[];
  /** Default: its states. */
  readonly look?: (world: TestWorld) => Promise<unknown>;
}

function ofFlow(
  options: FlowOptions,
  { base = {}, body = () => 1, faults = [], look = (world) => world.states('run') }: FlowCase = {},
): Observe {
  return (isGiven) =>
    inWorld(async (world) => {
      const run = flow(body, { name: 'run', ...base, ...(isGiven ? options : {}) });
      await world.run(() => run()).catch(() => {});
      return await look(world);
    }, faults);
}

function flowHook(name: keyof FlowOptions, body: () => unknown): Observe {
  return async (isGiven) => {
    let heard = 0;
    await ofFlow({ [name]: () => void (heard += 1) }, { body })(isGiven);
    return heard > 0;
  };
}

/** What is on record of the question, its step, and the answer. */
const ofApproval =
  (options: Partial<ApprovalOptions>): Observe =>
  (isGiven) =>
    inWorld(async (world) => {
      const asked: ApprovalOptions = { title: 'go?', due: 5, default: { approved: false } };
      const answer = await world.run(() =>
        flow(() => approval({ ...asked, ...(isGiven ? options : {}) }), { name: 'run' })(),
      );
      const [run] = await world.taskRuns();
      assert.ok(run?.flowRunId);
      const place = { flowRunId: run.flowRunId, id: run.id };
      const { request, reminded } = await world.ports.client.control.approvals.read(place);
      const { askedAt = 0, due, ...rest } = request ?? {};
      return [answer, run.step, rest, reminded, Number(due) - askedAt];
    });

const newest = async (world: TestWorld) => (await world.flowRuns())[0];
let tries = 0;

/** What its deployments are made with (on a server: `tests/journeys/every-deployment-option.test.ts`). */
const ofDeployments =
  (options: FlowOptions): Observe =>
  async (isGiven) =>
    saidByFlow(flow(() => 1, { name: 'run', ...(isGiven ? options : {}) }));

const FLOW_CASES: Readonly<Record<string, Observe>> = {
  concurrencyKey: ofDeployments({ concurrencyKey: (p) => p['customer'] }),
  onCrash: ofDeployments({ onCrash: 'resume' }),
  name: ofFlow({ name: 'other' }, { look: async (world) => (await newest(world))?.flowName }),
  description: ofFlow(
    { description: 'Sells.' },
    { look: async (world) => (await world.ports.client.list('flow_summary'))[0]?.description },
  ),
  version: ofFlow({ version: '7' }, { look: async (world) => (await newest(world))?.flowVersion }),
  tags: ofFlow({ tags: ['nightly'] }, { look: async (world) => (await newest(world))?.tags }),
  labels: ofFlow({ labels: { team: 'sales' } }, { look: async (world) => (await newest(world))?.labels }),
  retries: ofFlow({ retries: 1 }, { body: fails, look: async (world) => (await newest(world))?.runCount }),
  retryDelaySeconds: ofFlow(
    { retryDelaySeconds: 40 },
    {
      base: { retries: 1 },
      body: () => {
        tries += 1;
        if (tries % 2 === 1) fails();
      },
      look: async (world) => {
        const run = await newest(world);
        return run !== undefined && Number(run.endTime) - Number(run.startTime) > 30e6;
      },
    },
  ),
  timeoutSeconds: ofFlow({ timeoutSeconds: 5 }, { body: () => slow(), faults: [{ task: 'slow', delaySeconds: 60 }] }),
  runName: ofFlow({ runName: 'the one' }, { look: async (world) => (await newest(world))?.name }),
  persistResult: ofFlow(
    { persistResult: false },
    { look: async (world) => ((await newest(world))?.state as { data?: { kind: string } } | undefined)?.data?.kind },
  ),
  durability: ofFlow({ durability: 'sync' }, { look: async (world) => (await newest(world))?.durability }),
  idempotencyKey: (isGiven) =>
    inWorld(async (world) => {
      const run = flow(() => 1, { name: 'run', ...(isGiven ? { idempotencyKey: 'k' } : {}) });
      await world.run(async () => {
        await run();
        await run();
      });
      return (await world.flowRuns()).length;
    }),
  optional: (isGiven) =>
    inWorld(async (world) => {
      const child = flow(() => fails(), { name: 'child', ...(isGiven ? { optional: true } : {}) });
      await world.run(() => flow(async () => void (await child()), { name: 'run' })()).catch(() => {});
      return (await world.flowRun('run')).state.type;
    }),
  taskRunner: (isGiven) =>
    inWorld(async (world) => {
      let [running, most] = [0, 0];
      const one = task(
        async (x: number) => {
          most = Math.max(most, (running += 1));
          await turn();
          running -= 1;
          return x;
        },
        { name: 'one' },
      );
      await world.run(() =>
        flow(() => one.map([1, 2, 3, 4]), isGiven ? { taskRunner: asyncRunner({ concurrency: 1 }) } : {})(),
      );
      return most;
    }),
  resume: ofFlow({ resume: 'automatic' }, { look: async (world) => (await newest(world))?.policy.resume }),
  logPrints: ofFlow({ logPrints: false }, { body: () => console.log('printed'), look: messages }),
  onRunning: flowHook('onRunning', () => 1),
  onCompletion: flowHook('onCompletion', () => 1),
  onFailure: flowHook('onFailure', fails),
  onCancellation: flowHook('onCancellation', () => cancelled()),
  onCrashed: flowHook('onCrashed', () => crashed()),
};

const double = task((x: number, by = 2) => x * by, { name: 'double' });

const MAP_CASES: Readonly<Record<string, Observe>> = {
  with: (isGiven) =>
    inWorld((world) => world.run(() => flow(() => double.map([1, 2], isGiven ? { with: [10] } : {}))())),
  concurrency: (isGiven) =>
    inWorld(async (world) => {
      let [running, most] = [0, 0];
      const one = task(
        async (x: number) => {
          most = Math.max(most, (running += 1));
          await turn();
          running -= 1;
          return x;
        },
        { name: 'one' },
      );
      await world.run(() => flow(() => one.map([1, 2, 3, 4], isGiven ? { concurrency: 2 } : {}))());
      return most;
    }),
  keepValues: (isGiven) =>
    inWorld((world) =>
      world.run(() => flow(async () => (await double.map([1, 2], isGiven ? { keepValues: false } : {})).length)()),
    ),
};

const TRANSACTION_CASES: Readonly<Record<string, Observe>> = {
  name: (isGiven) =>
    inWorld((world) =>
      world.run(() => flow(() => transaction((around) => around.name, isGiven ? { name: 'order' } : {}))()),
    ),
  commit: (isGiven) =>
    inWorld(async (world) => {
      const one = task((x: number) => x, { name: 'one', cache: INPUTS });
      await world.run(() =>
        flow(() =>
          transaction(
            async () => {
              await one(1);
            },
            isGiven ? { commit: 'off' } : {},
          ),
        )(),
      );
      await world.run(() =>
        flow(async () => {
          await one(1);
        })(),
      );
      return (await world.taskRuns()).at(-1)?.cache?.outcome;
    }),
};

const WAIT_CASES: Readonly<Record<string, Observe>> = {
  timeoutSeconds: (isGiven) =>
    inWorld(
      (world) =>
        world.run(() =>
          flow(async () => {
            const future = slow();
            try {
              return (await future.wait(isGiven ? { timeoutSeconds: 5 } : {})).type;
            } catch (error) {
              return (error as { code: string }).code;
            }
          })(),
        ),
      [{ task: 'slow', delaySeconds: 60 }],
    ),
};

const ofArtifact =
  (options: { key?: string; description?: string }): Observe =>
  (isGiven) =>
    inWorld(async (world) => {
      await world.run(() =>
        flow(async () => {
          await artifacts.markdown('text', isGiven ? options : {});
        })(),
      );
      const [{ key, description } = {}] = await world.artifacts();
      return [key, description];
    });

const ofState =
  (options: { name?: string; message?: string }): Observe =>
  (isGiven) =>
    inWorld(async (world) => {
      await world.run(() => flow(() => completed(isGiven ? options : {}), { name: 'run' })());
      const { state } = await world.flowRun('run');
      return [state.name, state.message];
    });

const CASES: Readonly<Record<string, Readonly<Record<string, Observe>>>> = {
  TaskOptions: TASK_CASES,
  FlowOptions: FLOW_CASES,
  MapOptions: MAP_CASES,
  TransactionOptions: TRANSACTION_CASES,
  WaitOptions: WAIT_CASES,
  ApprovalOptions: {
    title: ofApproval({ title: 'other?' }),
    description: ofApproval({ description: 'It matters.' }),
    due: ofApproval({ due: '9s' }),
    to: ofApproval({ to: ['ops'] }),
    reminder: ofApproval({ reminder: 2 }),
    default: ofApproval({ default: { approved: true } }),
    key: ofApproval({ key: 'k' }),
  },
  ArtifactOptions: { key: ofArtifact({ key: 'report' }), description: ofArtifact({ description: 'Above it.' }) },
  StateOptions: { name: ofState({ name: 'Skipped' }), message: ofState({ message: 'nothing to do' }) },
  EmitEventOptions: EVENT_CASES,
  CacheFolderOptions: {
    // With it, whoever misses while another computes is told to wait.
    singleFlight: async (isGiven) => {
      const keys = cacheFolder(folderOf(), isGiven ? { singleFlight: false } : {});
      const request = {
        key: 'ab12',
        taskKey: 'one',
        refresh: false,
        now: (Date.now() * 1000) as Instant,
        taskRunId: 'first' as TaskRunId,
      };
      await keys.claim(request as never);
      const second = await keys.claim({ ...request, taskRunId: 'second' } as never);
      await keys.settle({ key: 'ab12', taskRunId: 'first' as TaskRunId, entry: null } as never);
      return second.status;
    },
  },
};

for (const [type, file] of Object.entries(TYPES)) {
  const members = membersOf(type, file);
  test(`${type}: every option has a case, and changes something`, async (t) => {
    assert.ok(members.length > 0, `${type} in ${file} has members`);
    assert.deepEqual(Object.keys(CASES[type] ?? {}).toSorted(), members.toSorted());
    for (const member of members) {
      await t.test(member, async () => {
        const observe = (CASES[type] as Readonly<Record<string, Observe>>)[member] as Observe;
        const [without, given] = [await observe(false), await observe(true)];
        assert.notDeepEqual(given, without, `${type}.${member}: ${JSON.stringify(given)}`);
      });
    }
  });
}

test('every type of options at the door is walked', () => {
  const door = readFileSync(join(ROOT, 'index.ts'), 'utf8');
  const types = [...new Set([...door.matchAll(/\b(\w+Options)\b/g)].map(([, name]) => String(name)))];
  assert.deepEqual(types.toSorted(), [...Object.keys(TYPES), ...Object.keys(DEPLOYMENT_OPTION_TYPES)].toSorted());
});
