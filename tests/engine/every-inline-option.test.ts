/**
 * Options that stand in a signature alone, and those of `ostinato/testing`: each changes something that can be seen.
 * They are read from the modules behind the doors: a new one without a case here fails this test. (Those of tasks,
 * flows and maps: `every-option.test.ts`.)
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { parseSync, Visitor, type TSSignature } from 'oxc-parser';
import { z } from 'zod';

import {
  artifacts,
  asyncRunner,
  completed,
  crashed,
  exponential,
  failed,
  flow,
  OstinatoError,
  processRunner,
  runContext,
  task,
  threadRunner,
  variables,
  type TaskRunner,
} from '../../src/index.ts';
import type { Instant } from '../../src/core/time.ts';
import {
  createTestWorld,
  VirtualClock,
  type FlowRunQuery,
  type TaskRunQuery,
  type TestWorld,
  type TestWorldOptions,
} from '../../src/testing.ts';

const ROOT = join(import.meta.dirname, '..', '..', 'src');

/** Walked by `every-option.test.ts`, and those of deployments by `tests/journeys/every-deployment-option.test.ts`. */
const WALKED =
  /^(?:(?:Task|Flow|Map|Transaction|Wait|Artifact|Approval|State|CacheFolder|Deployment|Deploy|From|RunDeployment|Serve|EmitEvent|Backfill)Options\.|sdk\/(?:deployment-definition|backfill-options)\.ts )/;

/** What has a question mark and is no option that a user gives to a function of a door. */
const NOT_OPTIONS: readonly string[] = [
  'core/cache-policy.ts unusable',
  'core/state.ts name',
  'core/state.ts message',
  'core/state.ts details',
  'core/state.ts type',
  // Of a port below the world, for suites that run over another way to the store.
  'testing/test-ports.ts wrapClient',
  'testing/virtual-clock.ts unref',
];

function optionsBehindDoors(): string[] {
  const files = ['index.ts', 'testing.ts'].flatMap((door) =>
    [...readFileSync(join(ROOT, door), 'utf8').matchAll(/from '\.\/([^']+)'/g)].map(([, file]) => String(file)),
  );
  return [...new Set(files)].flatMap((file) => {
    const found: string[] = [];
    const collect = (members: readonly TSSignature[], name: string): void => {
      for (const member of members)
        if (member.type === 'TSPropertySignature' && member.optional && member.key.type === 'Identifier')
          found.push(`${name}${member.key.name}`);
    };
    new Visitor({
      TSInterfaceDeclaration(node) {
        if (/(?:Options|Option|Query)$/.test(node.id.name)) collect(node.body.body, `${node.id.name}.`);
      },
      TSTypeLiteral(node) {
        collect(node.members, `${file} `);
      },
    }).visit(parseSync(file, readFileSync(join(ROOT, file), 'utf8')).program);
    return found.filter((name) => !WALKED.test(name));
  });
}

/** What is seen with the option, or (`isGiven` false) without it. */
type Observe = (isGiven: boolean) => Promise<unknown>;

async function inWorld<T>(body: (world: TestWorld) => Promise<T>, options: TestWorldOptions = {}): Promise<T> {
  await using world = await createTestWorld(options);
  return await body(world);
}

const inFlow = (
  body: () => unknown,
  look: (world: TestWorld) => unknown,
  options: TestWorldOptions = {},
): Promise<unknown> =>
  inWorld(async (world) => {
    await world.run(() => flow(body, { name: 'run' })()).catch(() => {});
    return await look(world);
  }, options);

/** As its pool is told; that there are no more isolates at once is shown by `tests/isolation`. */
const isolated =
  (make: (options?: { readonly workers?: number }) => TaskRunner): Observe =>
  async (isGiven) =>
    make(isGiven ? { workers: 3 } : undefined).concurrency;

const one = task(() => 1, { name: 'one' });
const ofWorld =
  (options: TestWorldOptions, look: (world: TestWorld) => unknown): Observe =>
  (isGiven) =>
    inFlow(
      async () => {
        await one();
        runContext().logger.debug('a detail');
      },
      look,
      isGiven ? options : {},
    );
const stateName = async (world: TestWorld) => (await world.flowRun('run')).state.name;

/** The names of those of three flow runs that it finds. */
const ofFlowRuns =
  (query: FlowRunQuery): Observe =>
  (isGiven) =>
    inWorld(async (world) => {
      const inner = flow(() => 1, { name: 'inner' });
      await world.run(flow(async () => await inner(), { name: 'outer', runName: 'mine', tags: ['a'] }));
      const fails = flow(() => Promise.reject(new Error('of mine')), { name: 'fails' });
      await world.run(fails).catch(() => {});
      return (await world.flowRuns(isGiven ? query : {})).map(({ flowName }) => flowName);
    });

/** The names of those of two task runs that it finds. */
const ofTaskRuns =
  (query: (world: TestWorld) => Promise<TaskRunQuery>): Observe =>
  (isGiven) =>
    inWorld(async (world) => {
      const step = task((word: string) => word, { name: 'step' });
      const fails = task(() => Promise.reject(new Error('of mine')), { name: 'fails', runName: 'mine' });
      await world.run(flow(async () => await step('a'), { name: 'first' }));
      await world.run(flow(async () => await fails(), { name: 'second' })).catch(() => {});
      return (await world.taskRuns(isGiven ? await query(world) : {})).map(({ taskName }) => taskName);
    });

const CASES: Readonly<Record<string, Observe>> = {
  'FlowRunQuery.flowName': ofFlowRuns({ flowName: 'inner' }),
  'FlowRunQuery.name': ofFlowRuns({ name: 'mine' }),
  'FlowRunQuery.rootOnly': ofFlowRuns({ rootOnly: true }),
  'FlowRunQuery.stateTypes': ofFlowRuns({ stateTypes: ['FAILED'] }),
  'FlowRunQuery.tags': ofFlowRuns({ tags: ['a'] }),
  'TaskRunQuery.flowRunId': ofTaskRuns(async (world) => ({ flowRunId: (await world.flowRun('first')).id })),
  'TaskRunQuery.name': ofTaskRuns(() => Promise.resolve({ name: 'mine' })),
  'TaskRunQuery.stateTypes': ofTaskRuns(() => Promise.resolve({ stateTypes: ['COMPLETED'] })),
  'sdk/artifacts.ts text': (isGiven) =>
    inFlow(
      () => artifacts.link('https://example.com/a', isGiven ? { text: 'here' } : {}),
      async (world) => (await world.artifacts())[0]?.data,
    ),
  'sdk/variables.ts tags': (isGiven) =>
    inFlow(
      () => variables.set('word', 1, isGiven ? { tags: ['a'] } : {}),
      async (world) => (await world.ports.client.control.variables.read('word'))?.tags,
    ),
  'sdk/variables.ts overwrite': (isGiven) =>
    inFlow(async () => {
      await variables.set('word', 1);
      await variables.set('word', 2, isGiven ? { overwrite: true } : {});
    }, stateName),
  'sdk/states.ts value': (isGiven) =>
    inWorld((world) => world.run(() => flow(() => completed(isGiven ? { value: 7 } : {}))())),
  'sdk/states.ts error': async (isGiven) => {
    const seen = [];
    for (const state of [failed, crashed])
      seen.push(
        await inWorld((world) =>
          world.run(() => flow(() => state(isGiven ? { error: new Error('of mine') } : {}))().then(String, String)),
        ),
      );
    return seen.map((text) => text.includes('of mine'));
  },
  'engine/task-runner.ts concurrency': (isGiven) =>
    inWorld(async (world) => {
      let [running, most] = [0, 0];
      const busy = task(
        async (x: number) => {
          most = Math.max(most, (running += 1));
          await turn();
          running -= 1;
          return x;
        },
        { name: 'busy' },
      );
      await world.run(() =>
        flow(() => busy.map([1, 2, 3, 4]), { taskRunner: asyncRunner(isGiven ? { concurrency: 2 } : {}) })(),
      );
      return most;
    }),
  'IsolatedOptions.workers': async (isGiven) =>
    [await isolated(threadRunner)(isGiven), await isolated(processRunner)(isGiven)].map((count) =>
      isGiven ? count : (count ?? 'as the machine'),
    ),
  'ExponentialOptions.max': async (isGiven) => exponential(10, isGiven ? { max: 15 } : {})(3),
  'ExponentialOptions.factor': async (isGiven) => exponential(10, isGiven ? { factor: 3 } : {})(2),
  'OstinatoErrorOptions.cause': async (isGiven) =>
    new OstinatoError('bad-input', 'no', isGiven ? { cause: 'that' } : {}).cause,
  'OstinatoErrorOptions.remedy': async (isGiven) =>
    new OstinatoError('bad-input', 'no', isGiven ? { remedy: 'Do so.' } : {}).remedy,
  'TestPortsOptions.seed': ofWorld({ seed: 2 }, async (world) => (await world.flowRun('run')).name),
  'TestPortsOptions.clock': ofWorld(
    { clock: new VirtualClock(5e15 as Instant) },
    async (world) => (await world.flowRun('run')).createdAt > 4e15,
  ),
  'TestPortsOptions.startAt': ofWorld({ startAt: new Date('2040-01-01T00:00:00Z') }, async (world) =>
    Math.round((await world.flowRun('run')).createdAt / 1e12),
  ),
  'TestPortsOptions.folder': async (isGiven) => {
    const folder = mkdtempSync(join(tmpdir(), 'ostinato-inline-options-'));
    await inFlow(
      () => one(),
      () => null,
      isGiven ? { folder } : {},
    );
    const isThere = existsSync(join(folder, 'ostinato.db'));
    rmSync(folder, { recursive: true, force: true });
    return isThere;
  },
  'TestPortsOptions.faults': ofWorld({ faults: [{ task: 'one', throw: new Error('down') }] }, stateName),
  'TestPortsOptions.settings': ofWorld({ settings: { logLevel: 20 } }, async (world) =>
    (await world.messages()).includes('a detail'),
  ),
  'TestPortsOptions.observers': async (isGiven) => {
    let heard = 0;
    await ofWorld({ observers: [{ flowRunChanged: () => void (heard += 1) }] }, () => null)(isGiven);
    return heard > 0;
  },
  'TestPortsOptions.journals': async (isGiven) => {
    let asked = 0;
    const journals = new Proxy(
      {},
      {
        get: () => () => {
          asked += 1;
          throw new OstinatoError('store-unavailable', 'no disk');
        },
      },
    );
    await ofWorld({ journals: journals as never }, () => null)(isGiven);
    return asked > 0;
  },
  'TestPortsOptions.wrapStorage': async (isGiven) => {
    let wrapped = 0;
    await ofWorld(
      {
        wrapStorage: (storage) => {
          wrapped += 1;
          return storage;
        },
      },
      () => null,
    )(isGiven);
    return wrapped;
  },
  'TestPortsOptions.wrapClient': async (isGiven) => {
    let wrapped = 0;
    await ofWorld(
      {
        wrapClient: (client) => {
          wrapped += 1;
          return client;
        },
      },
      () => null,
    )(isGiven);
    return wrapped;
  },
  'LogQuery.flowRunId': (isGiven) =>
    inWorld(async (world) => {
      const says = flow(
        ({ word }: { word: string }) => {
          runContext().logger.info(word);
        },
        { name: 'says' },
      );
      await world.run(async () => {
        await says({ word: 'a' });
        await says({ word: 'b' });
      });
      const [first] = await world.flowRuns();
      return await world.messages(isGiven && first ? { flowRunId: first.id } : {});
    }),
  'LogQuery.taskRunId': (isGiven) =>
    inWorld(async (world) => {
      const says = task(
        (word: string) => {
          runContext().logger.info(word);
        },
        { name: 'says' },
      );
      await world.run(() =>
        flow(async () => {
          await says('a');
          await says('b');
        })(),
      );
      const [first] = await world.taskRuns();
      return await world.messages(isGiven && first ? { taskRunId: first.id } : {});
    }),
  'LogQuery.level': (isGiven) =>
    inFlow(
      () => {
        runContext().logger.info('quiet');
        runContext().logger.error('loud');
      },
      (world) => world.messages(isGiven ? { level: 'error' } : {}),
    ),
};

test('every option in a signature behind the doors has a case', () => {
  const options = optionsBehindDoors().filter((name) => !NOT_OPTIONS.includes(name));
  assert.deepEqual([...new Set(options)].toSorted(), Object.keys(CASES).toSorted());
});

for (const [name, observe] of Object.entries(CASES)) {
  test(`${name} changes something`, async () => {
    const [without, given] = [await observe(false), await observe(true)];
    assert.notDeepEqual(given, without, JSON.stringify(given));
  });
}

test('the schema of parameters is asked before the run starts', async () => {
  const seen = await Promise.all(
    [false, true].map((isGiven) =>
      inWorld(async (world) => {
        const given = isGiven
          ? flow(({ n }) => n, { name: 'run', parameters: z.object({ n: z.coerce.number() }) })
          : flow(({ n }: { n: unknown }) => n, { name: 'run' });
        return await world.run(() => (given as (parameters: unknown) => PromiseLike<unknown>)({ n: '7' }));
      }),
    ),
  );
  assert.deepEqual(seen, ['7', 7]);
});
