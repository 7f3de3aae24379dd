import type { Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import { timeOf } from '../format.ts';
import { askOrNull, listOf, post, withApi, type ApiContext } from '../open-api.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderFacts, renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

type Row = Readonly<Record<string, unknown>>;

const RUNS_SHOWN = 5;
/** Names that a mistyped one is compared with: a page of the API. */
const NAMES_MAX = 200;
const COUNTED = {
  completed: ['COMPLETED'],
  failed: ['FAILED'],
  crashed: ['CRASHED'],
  cancelled: ['CANCELLED'],
  active: ['RUNNING', 'CANCELLING', 'PENDING', 'PAUSED', 'SCHEDULED'],
} as const;

export function defineInspect(command: Command, terminal: Terminal): void {
  const inspect = command.command('inspect').description('Show a flow: how its runs ended, and the newest of them.');
  inspect
    .argument('<flow>', 'name, or id')
    .addOption(outputOption(inspect))
    .action((word: string, { output }: OutputOptions) =>
      withApi(terminal, (context) => inspectFlow(context, word, output)),
    );
  addExamples(inspect, [
    ['ostinato flow inspect sales', 'counts, and the newest runs'],
    ['ostinato flow inspect sales -o json', 'for a program'],
  ]);
}

async function inspectFlow(
  { api, terminal }: ApiContext,
  word: string,
  output: OutputOptions['output'],
): Promise<void> {
  const flow = await findFlow(api, word);
  const flows = { id: { any_: [flow['id']] } };
  const counts: Record<string, number> = {};
  for (const [name, types] of Object.entries(COUNTED))
    counts[name] = Number(
      await post(api, '/flow_runs/count', { flows, flow_runs: { state: { type: { any_: types } } } }),
    );
  const runs = listOf(
    await post(api, '/flow_runs/filter', { flows, limit: RUNS_SHOWN, sort: 'ID_DESC' }),
    'a list of runs',
  );
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  printResult(terminal, output, { ...flow, run_counts: { total, ...counts }, newest_runs: runs }, () => {
    const ends = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : `${count} ${name}`));
    const facts: [string, string][] = [
      ['id', String(flow['id'])],
      ['name', String(flow['name'])],
      ['tags', (flow['tags'] as readonly string[]).join(', ')],
      ['labels', Object.keys((flow['labels'] as Row | null) ?? {}).length === 0 ? '' : JSON.stringify(flow['labels'])],
      ['created', timeOf(String(flow['created']))],
      ['runs', total === 0 ? 'none' : `${total}: ${ends.join(', ')}`],
    ];
    const columns: Column<Row>[] = [
      { title: 'ID', text: ({ id }) => String(id), is: 'id' },
      { title: 'NAME', text: ({ name }) => String(name), is: 'whole' },
      { title: 'STATE', text: ({ state_name: name }) => String(name ?? '') },
      { title: 'CREATED', text: ({ created }) => timeOf(String(created)), drops: 1 },
    ];
    const newest =
      runs.length === 0
        ? ''
        : `\n${terminal.style('bold', runs.length < total ? `the newest ${runs.length} runs` : 'its runs')}\n${renderTable(runs, columns, terminal)}`;
    return (
      renderFacts(
        facts.filter(([, value]) => value !== ''),
        terminal,
      ) + newest
    );
  });
}

async function findFlow(api: ApiContext['api'], word: string): Promise<Row> {
  const byId = isUuid(word) ? await askOrNull(api, `/flows/${word.toLowerCase()}`) : null;
  const found = byId ?? (await askOrNull(api, `/flows/name/${encodeURIComponent(word)}`));
  if (found !== null) return found as Row;
  const names = listOf(await post(api, '/flows/filter', { limit: NAMES_MAX }), 'a list of flows').map(({ name }) =>
    String(name),
  );
  throw new OstinatoError('not-found', `There is no flow "${word}".${didYouMean(word, names)}`, {
    remedy:
      names.length === 0
        ? 'No flow has run yet. Run one with: ostinato run FILE'
        : 'Take a name from: ostinato flow ls',
  });
}
