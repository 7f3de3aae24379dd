import type { Command } from 'commander';

import { encodeLog } from '../../contract/encode/log.ts';
import type { OstinatoClient } from '../../client/port.ts';
import { RunEnd } from '../../client/run-end.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { TaskRunId } from '../../core/ids.ts';
import { matching } from '../../core/list-query.ts';
import { LOG_LEVELS, type LogRecord } from '../../core/log.ts';
import { allOf, type Condition } from '../../core/query.ts';
import { sleep } from '../../core/time.ts';
import { parseLevel, parseLimit } from '../arguments.ts';
import { findFlowRun, findTaskRun } from '../find-run.ts';
import { showClock } from '../format.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printJson, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

interface LogsOptions extends OutputOptions {
  readonly follow?: boolean;
  readonly level?: number;
  readonly task?: string;
  readonly text?: string;
  readonly tail?: number;
}

type StoredLog = LogRecord & { readonly seq: number };

const PAGE = 1000;
const POLL_MS = 250;
/** Milliseconds between checks whether the process of a followed run is alive. */
const REAP_MS = 2000;

export function defineLogs(command: Command, terminal: Terminal): void {
  const logs = command.command('logs').description('Print the log records of a flow run, oldest first.');
  logs
    .argument('<run>', 'id, beginning of an id, or name')
    .option('-f, --follow', 'go on until the run ends')
    .option('--level <level>', 'only records of this level or above: debug, info, warning, error, critical', parseLevel)
    .option('--task <task-run>', 'only records of this task run (id, beginning of an id, or name)')
    .option('--text <words>', 'only records with these words, whatever their case')
    .option('-n, --tail <count>', 'only the last ones', parseLimit)
    .addOption(outputOption(logs))
    .action((word: string, options: LogsOptions) =>
      withClient(terminal, (context) => printLogs(context, word, options)),
    );
  addExamples(logs, [
    ['ostinato flow-run logs brave-otter', 'all of them'],
    ['ostinato flow-run logs brave-otter -f', 'as they come, until the run ends'],
    ['ostinato flow-run logs brave-otter --level warning', 'warnings and worse'],
    ['ostinato flow-run logs brave-otter -f -o json', 'one JSON object a line'],
  ]);
}

async function printLogs(context: CommandContext, word: string, options: LogsOptions): Promise<void> {
  const { client, terminal } = context;
  const run = await findFlowRun(client, word);
  const where = await conditionOf(client, run, options);
  const first = await readFirst(client, where, options);
  const { records } = first;
  const asLines = options.output === 'json' && options.follow === true;
  if (options.output === 'json' && !asLines) {
    return printJson(terminal, records.map(encodeLog));
  }
  const print = (found: readonly StoredLog[]): void => {
    for (const record of found) {
      if (asLines) printJson(terminal, encodeLog(record), { lines: true });
      else terminal.out(renderLog(record, terminal));
    }
  };
  print(records);
  if (options.follow === true) await follow(context, run, where, first.seq, print);
  else if (records.length === 0) terminal.err(terminal.styleErr('dim', `${run.name} has no such log records.\n`));
}

async function conditionOf(
  client: OstinatoClient,
  run: FlowRun,
  { task, level, text }: LogsOptions,
): Promise<Condition> {
  return allOf([
    matching({ flowRunId: run.id, taskRunId: task === undefined ? task : await findTaskOf(client, run, task) }),
    ...(level === undefined ? [] : [{ op: 'ge', field: 'level', value: level } as const]),
    ...(text ? [{ op: 'contains', field: 'message', text } as const] : []),
  ]);
}

/** What a run logs, as lines, while it is followed. */
export class LogTail {
  readonly #context: CommandContext;
  readonly #where: Condition;
  #seq = 0;

  constructor(context: CommandContext, flowRunId: FlowRun['id']) {
    this.#context = context;
    this.#where = matching({ flowRunId });
  }

  /** Since the last time. */
  async next(): Promise<readonly string[]> {
    const { client, terminal } = this.#context;
    const { records, seq } = await readNew(client, this.#where, this.#seq);
    this.#seq = seq;
    return records.map((record) => renderLog(record, terminal));
  }
}

/** Within a run, `load-0` is unique, whatever other runs contain. */
async function findTaskOf(client: OstinatoClient, run: FlowRun, word: string): Promise<TaskRunId> {
  const [named] = await client.list('task_run', { where: matching({ flowRunId: run.id, name: word }), limit: 1 });
  return named === undefined ? (await findTaskRun(client, word)).id : named.id;
}

async function follow(
  { client, clock }: CommandContext,
  run: FlowRun,
  where: Condition,
  after: number,
  print: (found: readonly StoredLog[]) => void,
): Promise<void> {
  const end = new RunEnd({ client, clock });
  let seq = after;
  let sinceReapMs = 0;
  for (;;) {
    // The state is read first: everything logged before the end is then included in the next read.
    const now = await client.readFlowRun(run.id);
    const news = await readNew(client, where, seq);
    print(news.records);
    seq = news.seq;
    if (now === null || (await end.isOver(now))) return;
    if (sinceReapMs >= REAP_MS) {
      await client.reapLostRuns();
      sinceReapMs = 0;
    }
    await sleep(clock, POLL_MS);
    sinceReapMs += POLL_MS;
  }
}

/** Reads only the last lines of a long log, unless it is followed: then positions count from the beginning. */
async function readFirst(
  client: OstinatoClient,
  where: Condition,
  { tail, follow: isFollowed }: LogsOptions,
): Promise<{ records: readonly StoredLog[]; seq: number }> {
  if (tail === undefined) return await readNew(client, where, 0);
  if (isFollowed !== true) {
    const newest = await client.list('log', { where, direction: 'desc', limit: tail });
    return { records: inTime(newest.toReversed()), seq: 0 };
  }
  const { records, seq } = await readNew(client, where, 0);
  return { records: records.slice(-tail), seq };
}

async function readNew(
  client: OstinatoClient,
  where: Condition,
  after: number,
): Promise<{ records: readonly StoredLog[]; seq: number }> {
  const records: StoredLog[] = [];
  for (let seq = after; ;) {
    const page = await client.list('log', { where, after: seq, limit: PAGE });
    records.push(...page);
    seq = page.at(-1)?.seq ?? seq;
    if (page.length < PAGE) return { records: inTime(records), seq };
  }
}

/** Sorted by time: batches of a busy process are stored as they arrive, not always in order. */
function inTime(records: readonly StoredLog[]): readonly StoredLog[] {
  return records.toSorted((one, other) => one.timestamp - other.timestamp);
}

const LEVEL_NAMES = new Map<number, string>(
  Object.entries(LOG_LEVELS).map(([name, level]) => [level, name.toUpperCase()]),
);
const LEVEL_WIDTH = Math.max(...[...LEVEL_NAMES.values()].map((name) => name.length));

export function renderLog(record: StoredLog, terminal: Terminal): string {
  const { level, message, timestamp } = record;
  const name = (LEVEL_NAMES.get(level) ?? String(level)).padEnd(LEVEL_WIDTH);
  const colour = level >= LOG_LEVELS.error ? 'red' : level >= LOG_LEVELS.warning ? 'yellow' : 'dim';
  return `${terminal.style('gray', showClock(timestamp))}  ${terminal.style(colour, name)}  ${message}\n`;
}
