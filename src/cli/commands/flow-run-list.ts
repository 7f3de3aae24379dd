import type { Command } from 'commander';

import type { OstinatoClient } from '../../client/port.ts';
import { encodeFlowRun } from '../../contract/encode/flow-run.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { priorityOf, RUN_PRIORITY_DEFAULT } from '../../core/run-priority.ts';
import { matching, ofFlow, ROOT_RUNS, withTags } from '../../core/list-query.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { allOf } from '../../core/query.ts';
import type { Instant } from '../../core/time.ts';
import { collect, collectStates, inStates, parseLimit, type StateFilter } from '../arguments.ts';
import { showAgo, showDuration, stateColour } from '../format.ts';
import { withClient } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ListOptions extends OutputOptions {
  readonly state?: StateFilter;
  readonly flow?: string;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly root?: boolean;
  readonly limit: number;
}

export function defineList(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List flow runs, newest first.');
  list
    .option(
      '--state <state>',
      'only runs in this state (failed, running, TimedOut, …); several with commas or repeated',
      collectStates,
    )
    .option('--flow <name>', 'only runs of this flow')
    .option('--name <name>', 'only runs of this name')
    .option('--tag <tag>', 'only runs with this tag; repeat it for several that must all be there', collect)
    .option('--root', 'without the runs that other flow runs started')
    .option('--limit <count>', 'how many at most', parseLimit, 20)
    .addOption(outputOption(list))
    .action((options: ListOptions) => listRuns(terminal, options));
  addExamples(list, [
    ['ostinato flow-run ls', 'the newest 20'],
    ['ostinato flow-run ls --state failed,crashed', 'what went wrong'],
    ['ostinato flow-run ls --flow sales --tag nightly --limit 100', 'of one flow, with a tag'],
    ["ostinato flow-run ls -o json | jq -r '.[].id'", 'the ids, for a script'],
  ]);
}

function listRuns(terminal: Terminal, options: ListOptions): Promise<void> {
  return withClient(terminal, async ({ client, clock }) => {
    const runs = await readRuns(client, options);
    const now = clock.now();
    printResult(
      terminal,
      options.output,
      runs.map((run) => encodeFlowRun(run, now)),
      () => (runs.length === 0 ? emptyText(options) : renderTable(runs, columns(now, runs), terminal)),
    );
    if (options.output === 'table' && runs.length === options.limit)
      terminal.err(terminal.styleErr('dim', `The newest ${options.limit} are shown; --limit shows more.\n`));
  });
}

function readRuns(
  client: OstinatoClient,
  { state, flow, name, tag, root, limit }: ListOptions,
): MaybePromise<readonly FlowRun[]> {
  const where = allOf([
    ...(flow === undefined ? [] : [ofFlow(flow)]),
    matching({ name }),
    ...(tag === undefined ? [] : [withTags(tag)]),
    ...(root === true ? [ROOT_RUNS] : []),
    ...(state === undefined ? [] : [inStates(state)]),
  ]);
  return client.list('flow_run', { where, limit });
}

/** @param runs that are shown: a column with nothing to say is left away */
function columns(now: Instant, runs: readonly FlowRun[]): Column<FlowRun>[] {
  const isRanked = runs.some((run) => priorityOf(run) !== RUN_PRIORITY_DEFAULT);
  return [
    { title: 'ID', text: ({ id }) => id, is: 'id' },
    { title: 'NAME', text: ({ name }) => name, is: 'whole' },
    { title: 'FLOW', text: ({ flowName }) => flowName, shrinks: true, drops: 3 },
    { title: 'STATE', text: ({ state }) => state.name, style: ({ state }) => stateColour(state) },
    ...(isRanked
      ? [{ title: 'PRIORITY', text: (run: FlowRun) => String(priorityOf(run)), align: 'right', drops: 1 } as const]
      : []),
    { title: 'CREATED', text: ({ createdAt }) => showAgo(createdAt, now), drops: 1 },
    { title: 'TOOK', text: (run) => showDuration(run, now), align: 'right', drops: 2 },
  ];
}

function emptyText({ state, flow, name, tag, root }: ListOptions): string {
  const isNarrowed = [state, flow, name, tag, root].some((part) => part !== undefined);
  return isNarrowed
    ? 'No flow run fits. Without the options, all are listed: ostinato flow-run ls'
    : 'No flow has run yet. Run one with: ostinato run FILE';
}
