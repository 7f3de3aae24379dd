import type { Command } from 'commander';

import type { OstinatoClient } from '../../client/port.ts';
import { encodeFlowSummary, type FlowWithLastRun } from '../../contract/encode/flow.ts';
import { matching } from '../../core/list-query.ts';
import { parseLimit } from '../arguments.ts';
import { showAgo, stateColour } from '../format.ts';
import { withClient } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { defineInspect } from './flow-inspect.ts';

interface ListOptions extends OutputOptions {
  readonly limit: number;
}

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List the flows that have run, by name.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, 200)
    .addOption(outputOption(list))
    .action((options: ListOptions) => listFlows(terminal, options));
  addExamples(list, [
    ['ostinato flow ls', 'name, runs, last run'],
    ['ostinato flow ls -o json', 'for a program'],
  ]);
  defineInspect(command, terminal);
}

function listFlows(terminal: Terminal, { output, limit }: ListOptions): Promise<void> {
  return withClient(terminal, async ({ client, clock }) => {
    const flows = await readFlows(client, limit);
    const now = clock.now();
    type Row = (typeof flows)[number];
    const columns: Column<Row>[] = [
      { title: 'NAME', text: ({ name }) => name, is: 'whole' },
      { title: 'RUNS', text: ({ runCount }) => String(runCount), align: 'right', drops: 3 },
      { title: 'LAST RUN', text: ({ lastRun }) => lastRun?.name ?? '', shrinks: true, drops: 2 },
      {
        title: 'STATE',
        text: ({ lastRun }) => lastRun?.state.name ?? '',
        style: ({ lastRun }) => (lastRun === null ? null : stateColour(lastRun.state)),
      },
      { title: 'WHEN', text: ({ lastRun }) => (lastRun === null ? '' : showAgo(lastRun.createdAt, now)), drops: 1 },
    ];
    printResult(terminal, output, flows.map(encodeFlowSummary), () =>
      flows.length === 0
        ? 'No flow has run yet. Run one with: ostinato run FILE'
        : renderTable(flows, columns, terminal),
    );
  });
}

/** Each with its newest run. */
async function readFlows(client: OstinatoClient, limit: number): Promise<readonly FlowWithLastRun[]> {
  const flows = await client.list('flow_summary', { limit });
  const ids = flows.flatMap(({ lastRunId }) => lastRunId ?? []);
  const runs =
    ids.length === 0 ? [] : await client.list('flow_run', { where: matching({ id: ids }), limit: ids.length });
  const byId = new Map(runs.map((run) => [run.id, run]));
  return flows.map(({ lastRunId, ...flow }) => ({
    ...flow,
    lastRun: lastRunId === null ? null : (byId.get(lastRunId) ?? null),
  }));
}
