/**
 * What must hold when everything is over:
 *
 * 1. Every run has ended, below ended runs too, in the one state that its row says.
 * 2. Every committed state has exactly one event, every event its state; the times of a run's states grow.
 * 3. Every job gives what was computed for it beforehand; its result can be read back.
 * 4. What a transaction rolled back does not count, what it committed does.
 * 5. Nothing is left: no journal, no process, no claim.
 */

import { decodeValue } from '../src/core/codec.ts';
import type { FlowRun } from '../src/core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../src/core/ids.ts';
import { isTerminal, type State } from '../src/core/state.ts';
import type { TaskRun } from '../src/core/task-run.ts';
import type { Job } from './operator.ts';
import type { SimWorld } from './sim-world.ts';
import type { Witness } from './witness.ts';

const PAGE = 1000;

export async function checkEnd(world: SimWorld, witness: Witness, jobs: readonly Job[]): Promise<void> {
  const flowRuns = await all<FlowRunId, FlowRun>((after) => world.committed.list('flow_run', { limit: PAGE, after }));
  const taskRuns = await all<TaskRunId, TaskRun>((after) =>
    world.committed.list('task_run', { direction: 'asc', limit: PAGE, after }),
  );
  checkEnded(world, [...flowRuns, ...taskRuns]);
  await checkStates(world, flowRuns, taskRuns);
  for (const job of jobs) await checkJob(world, witness, job, flowRuns);
  if (world.home.names.length > 0) world.object('nothing is left', `journals: ${world.home.names.join(', ')}`);
  const processes = await world.committed.listProcesses();
  if (processes.length > 0) world.object('nothing is left', `processes: ${processes.map(({ pid }) => pid).join(', ')}`);
}

function checkEnded(world: SimWorld, runs: readonly (FlowRun | TaskRun)[]): void {
  // What a process adds that was taken for dead, and that is killed before it finds out, belongs to nobody.
  const mayBeNobodys = world.chaos.plan.freezes > 0 && world.chaos.crashes > 0;
  for (const run of runs) {
    if (!isTerminal(run.state) && !(mayBeNobodys && 'flowRunId' in run))
      world.object(
        'every run ends',
        `${run.name} (${run.id}${'flowRunId' in run ? ` of ${run.flowRunId}` : ''}) is still ${run.state.name}`,
      );
  }
}

/**
 * A run ended when it entered the first of the terminal states that it has been in since; who woke late may have added
 * others.
 */
function checkEndTime(world: SimWorld, { name, state, endTime }: FlowRun | TaskRun, states: readonly State[]): void {
  if (!isTerminal(state)) return;
  const ended = states.slice(states.findLastIndex((known) => !isTerminal(known)) + 1);
  const [first] = ended;
  const isRight =
    world.chaos.plan.freezes > 0
      ? states.some((known) => isTerminal(known) && known.timestamp === endTime)
      : first?.timestamp === endTime;
  if (!isRight || endTime === null || endTime > state.timestamp)
    world.object(
      'every run ends',
      `${name} ended at ${endTime}, it is ${state.name} since ${state.timestamp}, and was first terminal at ${first?.timestamp}`,
    );
}

async function checkStates(world: SimWorld, flowRuns: readonly FlowRun[], taskRuns: readonly TaskRun[]): Promise<void> {
  const events = new Map<string, number>();
  let afterSeq = 0;
  for (;;) {
    const page = await world.committed.readEvents({ afterSeq, limit: PAGE });
    for (const event of page) if (event.payload === null) events.set(event.id, (events.get(event.id) ?? 0) + 1);
    if (page.length < PAGE) break;
    afterSeq = page.at(-1)?.seq ?? afterSeq;
  }
  let states = 0;
  const check = (run: FlowRun | TaskRun, own: readonly State[]): void => {
    states += own.length;
    checkEndTime(world, run, own);
    own.forEach((state, index) => {
      const before = own[index - 1];
      if (before && state.timestamp <= before.timestamp)
        world.object(
          'times grow',
          `${run.name}: ${state.name} at ${state.timestamp} after ${before.name} at ${before.timestamp}`,
        );
      if (events.get(state.id) !== 1)
        world.object('one event a state', `${state.name} of ${run.name} has ${events.get(state.id) ?? 0} events`);
    });
    // A process that woke after it was taken for dead adds to the history, but does not move the row.
    const mayHaveStaleStates = world.chaos.plan.freezes > 0 && own.some((state) => state.id === run.state.id);
    if (own.at(-1)?.id !== run.state.id && !mayHaveStaleStates)
      world.object(
        'the row says the state',
        `${run.name} is ${run.state.name}, its newest state is ${own.at(-1)?.name}`,
      );
  };
  for (const run of flowRuns) check(run, await world.committed.listFlowRunStates(run.id));
  for (const run of taskRuns) check(run, await world.committed.listTaskRunStates(run.id));
  if (states !== events.size) world.object('one event a state', `${events.size} events of states, ${states} states`);
}

async function checkJob(
  world: SimWorld,
  witness: Witness,
  { spec, expected, runId, outcome, cancelled }: Job,
  flowRuns: readonly FlowRun[],
): Promise<void> {
  // A request that was on its way when its process died may leave a run that never began.
  const own = flowRuns.filter(
    (run) => run.tags.includes(spec.job) && run.parentFlowRunId === null && (run.id === runId || run.runCount > 0),
  );
  if (own.length !== 1) world.object('one run a job', `${spec.job} has ${own.length} runs`);
  const run = own.find(({ id }) => id === runId);
  if (!run) return world.object('one run a job', `${spec.job} has no run ${runId}`);
  if (run.state.type === 'CANCELLED' && cancelled) return;
  if (run.state.type === 'COMPLETED') {
    const { data } = run.state;
    const value =
      data === null || data.kind === 'unpersisted' || data.kind === 'foreign'
        ? undefined
        : decodeValue(data.kind === 'inline' ? data.text : String(world.results.read(data.key)));
    if (value !== expected.value)
      world.object('the right result', `${spec.job} recorded ${String(value)}, right is ${expected.value}`);
    if (outcome?.ok === true && outcome.value !== expected.value)
      world.object('the right result', `${spec.job} gave ${String(outcome.value)}, right is ${expected.value}`);
  }
  // A doomed run that is disturbed may fail before its time, and then does not come to all of its transactions.
  const mayBeEarly = run.state.type === 'FAILED' && !world.chaos.isQuiet;
  for (const [key, counts] of expected.counts) {
    const counted = witness.counts(key);
    if (counted !== null && counted !== counts && !(counts && mayBeEarly))
      world.object(
        'all or nothing',
        `${key} ${counts ? 'does not count' : 'counts'}, although its transaction ${counts ? 'committed' : 'rolled back'}`,
      );
  }
}

async function all<Id extends string, Row extends { readonly id: Id }>(
  read: (after: Id | undefined) => readonly Row[] | Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await read(rows.at(-1)?.id);
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}
