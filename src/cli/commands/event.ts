import type { Command } from 'commander';

import { collect, parseLimit } from '../arguments.ts';
import { emit, type EmitOptions } from '../emit-event.ts';
import { addEventOptions, queryOf, type EventOptions, type EventQueryIn } from '../event-filter.ts';
import { openStream, SeenEvents, type WireEvent } from '../event-stream.ts';
import { timeOf } from '../format.ts';
import { get, listOf, post, withApi, type ApiContext } from '../open-api.ts';
import { outputOption, printJson, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../text-width.ts';

interface ListOptions extends EventOptions, OutputOptions {
  readonly limit?: number;
  readonly follow?: boolean;
}

const LISTED = 50;
/** Rows of a page of the API. */
const PAGE = 50;
/** Past events that are shown before a stream. */
const PAST_MAX = 1000;

export function define(command: Command, terminal: Terminal): void {
  const list = addEventOptions(
    command.command('ls').description('List events, newest first: what happened, and to what.'),
  );
  list
    .option('-f, --follow', 'oldest first, and go on with what happens')
    .option('--limit <count>', `how many at most (default: ${LISTED})`, parseLimit)
    .addOption(outputOption(list))
    .action((options: ListOptions) =>
      withApi(terminal, (context) =>
        options.follow === true ? streamEvents(context, options, true) : listEvents(context, options),
      ),
    );
  addExamples(list, [
    ['ostinato event ls --name prefect.flow-run. --since 1h', 'of runs, in the last hour'],
    ['ostinato event ls --resource prefect.variable. -o json', 'of variables, for a program'],
  ]);

  const stream = addEventOptions(
    command.command('stream').description('Print events as they happen, one a line, until Ctrl-C.'),
  );
  stream
    .option('--limit <count>', 'end after so many', parseLimit)
    .addOption(outputOption(stream))
    .action((options: ListOptions) =>
      withApi(terminal, (context) => streamEvents(context, options, options.since !== undefined)),
    );
  addExamples(stream, [
    ['ostinato event stream --name prefect.flow-run.Failed', 'every failure, as it comes'],
    ['ostinato event stream --since 10m -o json', 'the last ten minutes, then what comes: JSON lines'],
  ]);

  const one = command.command('emit').description('Tell that something happened: automations hear of it.');
  one
    .argument('<name>', 'what happened, for instance order.shipped')
    .option('--resource-id <id>', 'what it happened to, for instance order.1207')
    .option('-r, --resource <label>', 'a label of that, as name=value or a JSON object; repeat it for several', collect)
    .option('--related <json>', 'what else it concerns: a JSON object of labels, or a list of them')
    .option('-p, --payload <json>', 'what is to be said of it: a JSON object')
    .option('--id <uuid>', 'sent twice under the same id, it counts once (default: a new one)')
    .addOption(outputOption(one))
    .action((name: string, options: EmitOptions) => emit(terminal, name, options));
  addExamples(one, [
    ['ostinato event emit order.shipped --resource-id order.1207', 'the least'],
    [
      'ostinato event emit shipped --resource-id order.7 -p \'{"carrier": "DHL"}\'',
      'with what a template or a person wants to know',
    ],
  ]);
}

async function listEvents({ api, clock, terminal }: ApiContext, options: ListOptions): Promise<void> {
  const events = await readEvents(api, queryOf(options, clock.now(), 'DESC'), options.limit ?? LISTED);
  const columns: Column<WireEvent>[] = [
    { title: 'TIME', text: ({ occurred }) => timeOf(occurred), drops: 2 },
    { title: 'EVENT', text: ({ event }) => event, is: 'whole' },
    { title: 'RESOURCE', text: resourceOf, shrinks: true, drops: 1 },
  ];
  printResult(terminal, options.output, events, () =>
    events.length === 0
      ? 'No event fits. They come with runs, and with changes of variables, artifacts and blocks.'
      : renderTable(events, columns, terminal),
  );
}

async function readEvents(api: ApiContext['api'], query: EventQueryIn, limit: number): Promise<readonly WireEvent[]> {
  const events: WireEvent[] = [];
  let answer = (await post(api, '/events/filter', { filter: query, limit: Math.min(PAGE, limit) })) as {
    readonly events?: unknown;
    readonly next_page?: unknown;
  };
  for (;;) {
    const page = listOf(answer.events, 'a list of events') as readonly WireEvent[];
    events.push(...page);
    const token =
      typeof answer.next_page === 'string' ? new URL(answer.next_page).searchParams.get('page-token') : null;
    if (events.length >= limit || token === null || page.length === 0) return events.slice(0, limit);
    answer = (await get(api, `/events/filter/next?page-token=${encodeURIComponent(token)}`)) as typeof answer;
  }
}

/** The stream is opened before the list is read: events meanwhile wait, and are shown after the list. */
async function streamEvents(
  { api, live, clock, terminal }: ApiContext,
  options: ListOptions,
  withPast: boolean,
): Promise<void> {
  const { output, limit = Number.POSITIVE_INFINITY } = options;
  const seen = new SeenEvents();
  const waiting: WireEvent[] = [];
  let isPast = true;
  let printed = 0;
  const print = (event: WireEvent): boolean => {
    if (printed >= limit) return false;
    if (!seen.add(event)) return true;
    printed += 1;
    if (output === 'json') printJson(terminal, event, { lines: true });
    else
      terminal.out(
        `${terminal.style('gray', timeOf(event.occurred))}  ${terminal.style('bold', oneLine(event.event))}  ${oneLine(resourceOf(event))}\n`,
      );
    return printed < limit;
  };
  const query = queryOf(options, clock.now(), 'ASC');
  const stream = await openStream(live, {
    clock,
    query,
    withPast,
    onBreak: () =>
      terminal.err('The server has closed the stream of events: trying to connect again, for half a minute.\n'),
    onEvent: (event) => (isPast ? waiting.push(event) > 0 : print(event)),
  });
  try {
    for (const event of withPast ? await readPast(api, query, options) : []) print(event);
    isPast = false;
    for (const event of waiting) print(event);
    if (printed < limit) await stream.ended;
  } finally {
    stream.close();
    await stream.ended.catch(() => {});
  }
}

/** Oldest first. */
async function readPast(
  api: ApiContext['api'],
  query: EventQueryIn,
  { since, limit = PAST_MAX }: ListOptions,
): Promise<readonly WireEvent[]> {
  if (since !== undefined) return await readEvents(api, query, Math.min(limit, PAST_MAX));
  return (await readEvents(api, { ...query, order: 'DESC' }, Math.min(limit, LISTED))).toReversed();
}

function resourceOf({ resource }: WireEvent): string {
  const { 'prefect.resource.id': id = '', 'prefect.resource.name': name } = resource;
  return name === undefined ? id : `${name} (${id})`;
}
