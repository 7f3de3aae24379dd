import type { Command } from 'commander';

import { encodeTaskRun } from '../../contract/encode/task-run.ts';
import type { OstinatoClient } from '../../client/port.ts';
import { matching } from '../../core/list-query.ts';
import { allOf } from '../../core/query.ts';
import type { TaskInput, TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';
import { collectStates, inStates, parseLimit, type StateFilter } from '../arguments.ts';
import { findFlowRun, findTaskRun } from '../find-run.ts';
import { showAgo, showDuration, showTime, stateColour } from '../format.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderFacts, renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { renderStates, showValue } from './flow-run-inspect.ts';

interface ListOptions extends OutputOptions {
  readonly flowRun?: string;
  readonly state?: StateFilter;
  readonly name?: string;
  readonly limit: number;
}

export function define(command: Command, terminal: Terminal): void {
  const list = command
    .command('ls')
    .description('List task runs: those of one flow run in their order, all others newest first.');
  list
    .option('--flow-run <run>', 'only those of this flow run (id, beginning of an id, or name)')
    .option(
      '--state <state>',
      'only runs in this state (failed, running, Cached, …); several with commas or repeated',
      collectStates,
    )
    .option('--name <name>', 'only runs of this name')
    .option('--limit <count>', 'how many at most', parseLimit, 50)
    .addOption(outputOption(list))
    .action((options: ListOptions) => withClient(terminal, (context) => listTaskRuns(context, options)));
  addExamples(list, [
    ['ostinato task-run ls --flow-run brave-otter', 'the steps of one run'],
    ['ostinato task-run ls --state failed', 'the newest failures anywhere'],
    ['ostinato task-run ls --flow-run brave-otter -o json', 'for a program'],
  ]);

  const inspect = command.command('inspect').description('Show all that is recorded of a task run.');
  inspect
    .argument('<run>', 'id, beginning of an id, or name')
    .addOption(outputOption(inspect))
    .action((word: string, { output }: OutputOptions) =>
      withClient(terminal, async ({ client, clock }) => {
        const run = await findTaskRun(client, word);
        const text = output === 'json' ? '' : await describeRun(client, run, clock.now(), terminal);
        printResult(terminal, output, encodeTaskRun(run, clock.now()), () => text);
      }),
    );
  addExamples(inspect, [['ostinato task-run inspect load-0', 'the newest of that name']]);
}

async function listTaskRuns({ client, clock, terminal }: CommandContext, options: ListOptions): Promise<void> {
  const { flowRun, state, name, limit, output } = options;
  const where = allOf([
    ...(flowRun === undefined ? [] : [matching({ flowRunId: (await findFlowRun(client, flowRun)).id })]),
    matching({ name }),
    ...(state === undefined ? [] : [inStates(state)]),
  ]);
  const direction = flowRun === undefined ? 'desc' : 'asc';
  const runs = await client.list('task_run', { where, direction, limit });
  const now = clock.now();
  printResult(
    terminal,
    output,
    runs.map((run) => encodeTaskRun(run, now)),
    () =>
      runs.length === 0
        ? 'No task run fits. Tasks are recorded when a flow that calls them runs: ostinato run FILE'
        : renderTable(runs, columns(now), terminal),
  );
  if (output === 'table' && runs.length === limit)
    terminal.err(
      terminal.styleErr(
        'dim',
        `The ${direction === 'asc' ? 'first' : 'newest'} ${limit} are shown; --limit shows more.\n`,
      ),
    );
}

function columns(now: Instant): Column<TaskRun>[] {
  return [
    { title: 'ID', text: ({ id }) => id, is: 'id' },
    { title: 'NAME', text: ({ name }) => name, is: 'whole' },
    { title: 'STATE', text: ({ state }) => state.name, style: ({ state }) => stateColour(state) },
    { title: 'ATTEMPTS', text: ({ runCount }) => String(runCount), align: 'right', drops: 2 },
    { title: 'TOOK', text: (run) => showDuration(run, now), align: 'right', drops: 1 },
    {
      title: 'CACHE',
      text: ({ cache }) => (cache === null || cache.outcome === 'disabled' ? '' : `${cache.outcome}: ${cache.reason}`),
      shrinks: true,
      drops: 4,
    },
    { title: 'CREATED', text: ({ createdAt }) => showAgo(createdAt, now), drops: 3 },
  ];
}

async function describeRun(client: OstinatoClient, run: TaskRun, now: Instant, terminal: Terminal): Promise<string> {
  const facts: [string, string][] = [
    ['id', run.id],
    ['name', run.name],
    ['task', run.taskName],
    ['about', run.about?.description ?? ''],
    ['version', run.about?.version ?? run.prefectClient?.taskVersion ?? ''],
    ['item', run.item === undefined ? '' : `${run.item.index}${run.item.input === null ? '' : `: ${run.item.input}`}`],
    ['flow run', run.flowRunId ?? 'none: called outside a flow'],
    ['called by', run.parentTaskRunId ?? ''],
    ['called at', run.callSite],
    ['state', run.state.name + (run.state.message === null ? '' : `: ${run.state.message}`)],
    ['created', showTime(run.createdAt)],
    ['took', showDuration(run, now) || 'has not started'],
    ['attempts', `${run.runCount} of at most ${Math.max(run.policy.retries + 1, run.runCount)}`],
    [
      'inputs',
      Object.entries(run.inputs)
        .map(([name, edges]) => `${name} ← ${edges.map(showEdge).join(', ')}`)
        .join('; '),
    ],
    ['cache', run.cache === null ? '' : `${run.cache.outcome}: ${run.cache.reason}`],
    ['tags', run.tags.join(', ')],
    ['timeout', run.policy.timeoutSeconds === null ? '' : `${run.policy.timeoutSeconds} s`],
    ['runs in', { signal: 'this thread', thread: 'a worker thread', process: 'a child process' }[run.isolation]],
    ['durability', run.durability],
    ['source', run.sourceHash],
  ];
  if (run.state.type === 'COMPLETED' && run.state.data !== null) facts.push(['result', showValue(run.state.data)]);
  const states = await client.listTaskRunStates(run.id);
  return `${renderFacts(
    facts.filter(([, value]) => value !== ''),
    terminal,
  )}\n${renderStates(states, terminal)}`;
}

function showEdge(edge: TaskInput): string {
  switch (edge.kind) {
    case 'task_run':
    case 'flow_run':
      return edge.id;
    case 'map':
      return `${edge.id} (${edge.count} mapped runs)`;
    case 'parameter':
      return `parameter ${edge.name}`;
    case 'constant':
      return `a ${edge.type}`;
  }
}
