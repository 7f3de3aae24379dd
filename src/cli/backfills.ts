/** `ostinato backfill`: lists, shows, follows, pauses, resumes and aborts backfills. */

import { backfillsOf, findBackfill, type BackfillClient } from '../client/control/backfills.ts';
import { describe } from '../client/control/describe-schedule.ts';
import { findDeployment } from '../client/control/find-deployment.ts';
import type { Backfill, BackfillSlot } from '../contract/backfill.ts';
import type { BothViews } from '../contract/wire-json.ts';
import { readInstant } from '../contract/encode/instant.ts';
import { zonedText } from '../core/schedules/local-time.ts';
import { zoneOf } from '../core/schedules/zone.ts';
import { showProgress } from './backfill-progress.ts';
import type { BackfillAbortOptions, BackfillInspectOptions, BackfillListOptions } from './commands/backfill.ts';
import { showAgo, timeOf } from './format.ts';
import { withPlane, type PlaneContext } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { printRows, renderFacts, renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';
import { followBackfill } from './watch-backfill.ts';

type Output = OutputOptions['output'];

async function withBackfills<T>(
  terminal: Terminal,
  work: (backfills: BackfillClient, context: PlaneContext) => Promise<T>,
): Promise<T> {
  return await withPlane(terminal, (context) => work(backfillsOf(context.plane), context));
}

export async function listBackfills(terminal: Terminal, options: BackfillListOptions): Promise<void> {
  const { deployment: word, limit, output } = options;
  await withBackfills(terminal, async (backfills, { deployments, clock }) => {
    const of = word === undefined ? null : await findDeployment(deployments, word);
    const found = await backfills.list({ limit, deploymentId: of?.plain.id });
    const now = clock.now();
    const columns: Column<Backfill>[] = [
      { title: 'NAME', text: ({ name }) => name, is: 'whole' },
      { title: 'DEPLOYMENT', text: ({ deployment_name: name }) => name, shrinks: true, drops: 2 },
      { title: 'STATE', text: ({ state }) => state },
      { title: 'DONE', text: doneOf, align: 'right' },
      { title: 'FAILED', text: ({ progress }) => String(progress.failed + progress.crashed), align: 'right', drops: 3 },
      { title: 'BEGUN', text: ({ created }) => showAgo(readInstant(created), now), drops: 1 },
    ];
    printRows(terminal, output, found, {
      columns,
      none: 'No backfills yet. Begin one with: ostinato deployment backfill DEPLOYMENT --from TIME',
    });
  });
}

/** Slots of which is known what became of them, of all. */
function doneOf({ progress }: Backfill): string {
  return `${progress.total - progress.waiting - progress.open} of ${progress.total}`;
}

export async function inspectBackfill(
  terminal: Terminal,
  word: string,
  { output, limit }: BackfillInspectOptions,
): Promise<void> {
  await withBackfills(terminal, async (backfills) => {
    const { plain, exact } = await findBackfill(backfills, word);
    const slots = await backfills.slots(plain.id, { limit });
    printResult(terminal, output, { ...exact, slots: slots.exact }, () => {
      const more = plain.progress.total - slots.plain.length;
      return [
        renderFacts(factsOf(plain), terminal).trimEnd(),
        '',
        renderTable(slots.plain, slotColumns(plain), terminal).trimEnd(),
        ...(more > 0 ? [`… and ${more} more; --limit shows more of them.`] : []),
      ].join('\n');
    });
  });
}

function factsOf(plain: Backfill): [string, string][] {
  return [
    ['id', plain.id],
    ['name', plain.name],
    ['deployment', plain.deployment_name],
    ['times', describe(plain.schedule)],
    ['from', localOf(plain.from, plain)],
    ['to', `${localOf(plain.to, plain)} (not included)`],
    ['order', `${plain.order} first`],
    ['concurrency', `${plain.concurrency} at once`],
    ['rerun', plain.rerun],
    ['parameters', JSON.stringify(plain.parameters)],
    ['state', plain.reason === null ? plain.state : `${plain.state}: ${plain.reason}`],
    ['progress', showProgress(plain)],
    ['waits for', waitsFor(plain)],
    ['by', plain.created_by ?? ''],
    ['begun', timeOf(plain.created)],
    ['ended', plain.ended === null ? '' : timeOf(plain.ended)],
  ];
}

/** Why slots that wait have no run yet. */
function waitsFor({ state, name, concurrency, progress }: Backfill): string {
  if (progress.waiting === 0) return progress.open === 0 ? '' : 'the end of its runs';
  if (state === 'paused') return `\`ostinato backfill resume ${name}\``;
  return `its concurrency: ${progress.open} of ${concurrency} runs have not ended`;
}

function localOf(text: string, { timezone }: Backfill): string {
  return zonedText(readInstant(text), zoneOf(timezone)).replace('T', ' ');
}

function slotColumns(plain: Backfill): Column<BackfillSlot>[] {
  return [
    { title: 'SLOT', text: ({ start }) => localOf(start, plain), is: 'whole' },
    { title: 'STATE', text: ({ state }) => state, is: 'whole' },
    { title: 'RUN', text: runOf, shrinks: true, drops: 1 },
    { title: 'REASON', text: ({ reason }) => reason ?? '', shrinks: true, drops: 2 },
  ];
}

function runOf({ flow_run_name: name, flow_run_id: id, state_name: state }: BackfillSlot): string {
  if (name === null) return id === null ? '' : 'deleted';
  return state === null ? name : `${name} (${state})`;
}

async function change(
  terminal: Terminal,
  word: string,
  output: Output,
  work: (backfills: BackfillClient, id: string) => Promise<BothViews<Backfill>>,
  sentence: (changed: Backfill) => string,
): Promise<void> {
  await withBackfills(terminal, async (backfills) => {
    const { plain } = await findBackfill(backfills, word);
    const changed = await work(backfills, plain.id);
    printResult(terminal, output, changed.exact, () => sentence(changed.plain));
  });
}

export async function pauseBackfill(terminal: Terminal, word: string, output: Output): Promise<void> {
  await change(
    terminal,
    word,
    output,
    (backfills, id) => backfills.pause(id),
    ({ name, progress: { open } }) =>
      `Backfill ${name} is paused${open === 0 ? '' : `; ${open} of its runs ${open === 1 ? 'goes' : 'go'} on`}.`,
  );
}

export async function resumeBackfill(terminal: Terminal, word: string, output: Output): Promise<void> {
  await change(
    terminal,
    word,
    output,
    (backfills, id) => backfills.resume(id),
    (changed) => `Backfill ${changed.name} goes on. ${showProgress(changed)}.`,
  );
}

export async function abortBackfill(
  terminal: Terminal,
  word: string,
  { output, running = false }: BackfillAbortOptions,
): Promise<void> {
  await change(
    terminal,
    word,
    output,
    (backfills, id) => backfills.abort(id, running),
    (changed) => {
      const { open } = changed.progress;
      const rest = running ? 'being cancelled' : 'not cancelled: --running does it';
      return `Backfill ${changed.name} is aborted. ${showProgress(changed)}.${
        open === 0 ? '' : `\nWhat is open is ${rest}.`
      }`;
    },
  );
}

export async function watchBackfill(terminal: Terminal, word: string, output: Output): Promise<void> {
  await withBackfills(terminal, async (backfills, context) => {
    const { plain } = await findBackfill(backfills, word);
    await followBackfill(backfills, context, plain, output);
  });
}
