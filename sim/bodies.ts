/** The workload as real flows and tasks: interprets a plan, and tells the witness what happens. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { asyncRunner, cacheKey, flow, runContext, task, transaction } from '../src/index.ts';
import type { FlowRun } from '../src/core/flow-run.ts';
import { sleep } from '../src/core/time.ts';
import type { TaskOptions } from '../src/engine/definitions.ts';
import { never } from './life.ts';
import {
  CAUGHT,
  insideOf,
  mix,
  PlannedFailure,
  stepKey,
  subflowPath,
  type Plan,
  type RootSpec,
  type StepSpec,
} from './plan.ts';
import type { SimProcess } from './sim-process.ts';
import type { Witness } from './witness.ts';

/** What surrounds the code of one process. */
export interface Surroundings {
  readonly process: SimProcess;
  readonly witness: Witness;
  /** Whether a finished step of this kind survives. */
  readonly isPromised: (durability: RootSpec['durability']) => boolean;
}

export const surroundings = new AsyncLocalStorage<Surroundings>();

function here(): Surroundings {
  const found = surroundings.getStore();
  if (!found) throw new Error('The workload runs outside any simulated process.');
  return found;
}

/** A value as steps hand it on: some are too large for a row. */
type Value = number | { readonly number: number; readonly padding: string };

const PADDING = 'x'.repeat(9_000);

function numberOf(value: Value): number {
  return typeof value === 'number' ? value : value.number;
}

function flowRunHere(): FlowRun {
  const { flowRun } = runContext();
  if (!flowRun) throw new Error('The workload runs outside any flow run.');
  return flowRun;
}

/** Nested tasks take no slot. */
function slotsHere(): number | null {
  return runContext().taskRun?.parentTaskRunId === null ? Number(flowRunHere().labels['slots']) : null;
}

async function stepBody(path: string, spec: StepSpec, given: Value): Promise<Value> {
  const { process, witness } = here();
  const { signal } = runContext();
  const input = numberOf(given);
  const key = stepKey(path, spec.id, input);
  // One that does not listen is given up while it still runs: its slot and its claim go to others.
  const isGivenUp = spec.hangs > 0 && spec.deaf;
  const cached = spec.cacheNumber === null || isGivenUp ? null : `cached ${spec.cacheNumber}`;
  const slots = isGivenUp ? null : slotsHere();
  const over = await witness.begin({ process, key, cached, run: flowRunHere(), slots });
  try {
    if (witness.spend(`hang ${key}`, spec.hangs)) await (spec.deaf ? never() : sleep(process.ports.clock, 1e9, signal));
    await sleep(process.ports.clock, spec.delayMs, spec.deaf ? undefined : signal);
    let value = input;
    for (const part of spec.inside) value = await runPlan(part, value, insideOf(key));
    if (witness.spend(`fail ${key}`, spec.failures)) throw new Error('This failure goes away.');
    if (spec.isDoomed) throw new PlannedFailure();
    witness.apply(process, key, flowRunHere());
    const result = spec.cacheNumber === null ? mix(spec.id, value) : mix(spec.cacheNumber);
    return spec.big ? { number: result, padding: PADDING } : result;
  } catch (error) {
    witness.forgetInside(insideOf(key));
    throw error;
  } finally {
    over();
  }
}

const stepTask = task(stepBody, { name: 'step' });

interface Item {
  readonly path: string;
  readonly spec: StepSpec;
  readonly input: number;
}

const itemTask = task(async ({ path, spec, input }: Item) => numberOf(await stepBody(path, spec, input)), {
  name: 'item',
});

const againTask = task(
  async (value: number, path: string, id: number) => {
    const { process, witness } = here();
    const over = await witness.begin({
      process,
      key: stepKey(path, id, value),
      cached: null,
      run: flowRunHere(),
      slots: slotsHere(),
    });
    over();
    return mix(id, value);
  },
  { name: 'again' },
);

function optionsOf(spec: StepSpec): TaskOptions {
  const { retries, retryDelaySeconds, timeoutSeconds, cacheNumber, durability } = spec;
  return {
    retries,
    retryDelaySeconds,
    ...(timeoutSeconds === null ? {} : { timeoutSeconds }),
    ...(durability === null ? {} : { durability }),
    ...(cacheNumber === null ? {} : { cache: cacheKey(() => `number ${cacheNumber}`) }),
  };
}

async function goOn(key: string, spec: Pick<StepSpec, 'durability' | 'cacheNumber'>): Promise<void> {
  const { process, witness, isPromised } = here();
  const run = flowRunHere();
  const durability = spec.durability ?? run.durability;
  await witness.continued(process, key, {
    isKept: isPromised(durability),
    run,
    cached: spec.cacheNumber === null ? null : `cached ${spec.cacheNumber}`,
  });
}

async function runStep(path: string, spec: StepSpec, input: number, more: TaskOptions = {}): Promise<number> {
  const value = numberOf(await stepTask.with({ ...optionsOf(spec), ...more })(path, spec, input));
  await goOn(stepKey(path, spec.id, input), spec);
  return value;
}

/** Each step gets the future of the one before; only the last one is awaited. */
async function runChain(path: string, specs: readonly StepSpec[], input: number): Promise<number> {
  let value: unknown = input;
  for (const spec of specs) value = stepTask.with(optionsOf(spec))(path, spec, value as Value);
  return numberOf((await value) as Value);
}

async function runSequence(
  { parts, chained }: Extract<Plan, { kind: 'sequence' }>,
  input: number,
  path: string,
): Promise<number> {
  const specs = parts.flatMap((part) => (part.kind === 'step' ? [part.step] : []));
  if (chained && specs.length === parts.length) return await runChain(path, specs, input);
  let value = input;
  for (const part of parts) value = await runPlan(part, value, path);
  return value;
}

async function runMap(
  { items, concurrency, again, id }: Extract<Plan, { kind: 'map' }>,
  input: number,
  path: string,
): Promise<number> {
  // One policy for all items: the most patient one.
  const options = { retries: Math.max(...items.map((item) => item.retries)), retryDelaySeconds: 1, timeoutSeconds: 8 };
  const mapped = itemTask.with(options).map(
    items.map((spec) => ({ path, spec, input })),
    { concurrency },
  );
  if (again) return mix(...(await againTask.map(mapped, { with: [path, id], concurrency })));
  const values = await mapped;
  for (const spec of items) await goOn(stepKey(path, spec.id, input), { durability: null, cacheNumber: null });
  return mix(...values);
}

async function runTransaction(
  { steps, rollsBack }: Extract<Plan, { kind: 'transaction' }>,
  input: number,
  path: string,
): Promise<number> {
  return await transaction(async () => {
    let value = input;
    for (const step of steps) {
      const key = stepKey(path, step.id, value);
      const { process, witness } = here();
      value = await runStep(path, step, value, { runName: key, onRollback: () => witness.undo(process, key) });
    }
    if (rollsBack) throw new PlannedFailure();
    return value;
  });
}

async function runPlan(plan: Plan, input: number, path: string): Promise<number> {
  switch (plan.kind) {
    case 'step':
      return await runStep(path, plan.step, input);
    case 'sequence':
      return await runSequence(plan, input, path);
    case 'parallel':
      return mix(...(await Promise.all(plan.parts.map((part, index) => runPlan(part, mix(input, index), path)))));
    case 'map':
      return await runMap(plan, input, path);
    case 'subflow':
      return await subFlow.with({ retries: plan.retries, retryDelaySeconds: 3, ...slotOptions(plan.concurrency) })({
        path: subflowPath(path, plan.id, input),
        plan,
        input,
      });
    case 'transaction':
      return await runTransaction(plan, input, path);
    case 'caught':
      try {
        return await runPlan(plan.part, input, path);
      } catch (error) {
        if (runContext().signal.aborted) throw error;
        return CAUGHT;
      }
  }
}

/** The label says how many slots there are, so that bodies can tell the witness. */
function slotOptions(concurrency: number) {
  return { taskRunner: asyncRunner({ concurrency }), labels: { slots: String(concurrency) } };
}

async function flowBody(failures: number, path: string, plan: Plan, input: number): Promise<number> {
  const { process, witness } = here();
  const over = await witness.enterFlow(process, flowRunHere().id);
  try {
    const value = await runPlan(plan, input, path);
    if (witness.spend(`flow ${path}`, failures)) throw new Error('This attempt of the flow fails.');
    return value;
  } finally {
    over();
  }
}

const subFlow = flow(
  async ({
    path,
    plan,
    input,
  }: {
    path: string;
    plan: Extract<Plan, { kind: 'subflow' }>;
    input: number;
  }): Promise<number> => await flowBody(plan.failures, path, plan.part, input),
  { name: 'sim-sub' },
);

const root = flow(
  async ({ spec }: { spec: RootSpec }): Promise<number> =>
    await flowBody(spec.failures, spec.job, spec.plan, spec.input),
  { name: 'sim-root' },
);

/** The flow of one job, with the options that its plan asks for. */
export function rootFlow({ job, concurrency, retries, durability }: RootSpec, resume: 'manual' | 'automatic') {
  // A name of its own: the call of one job must not continue the lost runs of others, as it would with equal names.
  return root.with({
    name: `sim-${job}`,
    retries,
    retryDelaySeconds: 5,
    durability,
    resume,
    tags: [job],
    ...slotOptions(concurrency),
  });
}
