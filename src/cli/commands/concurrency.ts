import { Argument, InvalidArgumentError, type Command } from 'commander';

import { CREATE_TAG_LIMIT, DELETE_TAG_LIMIT_BY_TAG, LIST_TAG_LIMITS } from '../../contract/routes/concurrency.ts';
import { LIMITED, limitedOf, READ_HELD_LIMIT, type HeldLimit, type Limited } from '../../contract/held-limit.ts';
import type { AnsweredBy } from '../../client/control/plane.ts';
import { OstinatoError } from '../../core/errors.ts';
import { parseInstant } from '../../core/time.ts';
import { showTime } from '../format.ts';
import { withPlane } from '../open-plane.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../text-width.ts';

type SlotHolding = HeldLimit['holders'][number];

/** Of an answer: what was asked for was not there before. */
const CREATED = 201;
/** Rows shown at once. */
const LIMITS_MAX = 200;
/** Largest value of the store's column. */
const SLOTS_MAX = 2_147_483_647;

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List the limits on tags, and how many of their slots are taken.');
  list.addOption(outputOption(list)).action(({ output }: OutputOptions) =>
    withPlane(terminal, async ({ plane }) => {
      const limits = (await plane.list(LIST_TAG_LIMITS, {}, { limit: LIMITS_MAX })).map(({ plain }) => plain);
      printResult(terminal, output, limits.map(shown), () =>
        limits.length === 0
          ? 'No limits yet. Make one with: ostinato concurrency create TAG SLOTS'
          : renderTable(limits, COLUMNS, terminal),
      );
    }),
  );

  const create = command
    .command('create')
    .description('Limit how many task runs that carry a tag run at once, on all machines together.');
  create
    .argument('<tag>')
    .argument('<slots>', 'how many; 0 lets none run', parseSlots)
    .addOption(outputOption(create))
    .action((tag: string, slots: number, { output }: OutputOptions) =>
      withPlane(terminal, async ({ plane }) => {
        if (tag.trim() === '') throw new OstinatoError('bad-input', 'A tag cannot be empty.');
        const { plain, status } = await plane.ask(CREATE_TAG_LIMIT, { body: { tag, concurrency_limit: slots } });
        const isNew = status === CREATED;
        printResult(
          terminal,
          output,
          shown(plain),
          () =>
            `At most ${slots} task ${slots === 1 ? 'run' : 'runs'} tagged ${tag} at once${isNew ? '' : ', from now on'}.`,
        );
      }),
    );
  addExamples(create, [['ostinato concurrency create database 4', 'also changes the limit that is there']]);

  const holders = command.command('holders').description('Who holds the slots of a limit, and since when.');
  holders
    .addArgument(new Argument('<what>', 'what is limited').choices(LIMITED))
    .argument('<name>', 'of it; FLOW/NAME of a deployment, POOL/QUEUE of a work queue')
    .addOption(outputOption(holders))
    .action((what: Limited, name: string, { output }: OutputOptions) =>
      withPlane(terminal, async ({ plane }) => {
        const { plain } = await plane.ask(READ_HELD_LIMIT, { body: { what, name } });
        printResult(terminal, output, plain, () => shownHolders(plain, terminal));
      }),
    );
  addExamples(holders, [
    ['ostinato concurrency holders work-pool default', 'which runs are under way there'],
    ['ostinato concurrency holders tag database', 'which tasks'],
  ]);

  const remove = command.command('delete').description('Lift the limit on a tag.');
  remove
    .argument('<tag>')
    .addOption(outputOption(remove))
    .action((tag: string, { output }: OutputOptions) =>
      withPlane(terminal, async ({ plane }) => {
        if ((await plane.find(DELETE_TAG_LIMIT_BY_TAG, { tag })) === null)
          throw new OstinatoError('not-found', `There is no limit on the tag ${JSON.stringify(tag)}.`, {
            remedy: 'See them with: ostinato concurrency ls',
          });
        printResult(terminal, output, { tag }, () => `The limit on ${tag} is lifted.`);
      }),
    );
}

const HOLDER_COLUMNS: readonly Column<SlotHolding>[] = [
  { title: 'RUN', text: ({ name, id }) => name ?? id, is: 'whole' },
  { title: 'KIND', text: ({ kind }) => (kind === 'flow_run' ? 'flow run' : 'task run'), drops: 2 },
  { title: 'SINCE', text: ({ since }) => shownTime(since) },
  { title: 'ID', text: ({ id }) => id, shrinks: true, drops: 1 },
];

function shownTime(text: string): string {
  const at = parseInstant(text);
  return at === null ? text : showTime(at);
}

function shownHolders({ what, name, slots, taken, holders }: HeldLimit, terminal: Terminal): string {
  const head = `${taken} of ${slots} ${slots === 1 ? 'slot' : 'slots'} of the ${limitedOf(what)} ${oneLine(name)} ${taken === 1 ? 'is' : 'are'} taken.`;
  return holders.length === 0 ? head : `${head}\n\n${renderTable(holders, HOLDER_COLUMNS, terminal)}`;
}

/** `active_slots` are the task runs that hold them. */
type TagLimit = AnsweredBy<typeof CREATE_TAG_LIMIT>;

const COLUMNS: readonly Column<TagLimit>[] = [
  { title: 'TAG', text: ({ tag }) => tag, is: 'whole' },
  { title: 'SLOTS', text: ({ concurrency_limit: slots }) => String(slots) },
  { title: 'TAKEN', text: ({ active_slots: holders }) => String(holders.length) },
  { title: 'HELD BY', text: ({ active_slots: holders }) => holders.slice(0, 3).join(', '), shrinks: true, drops: 1 },
];

function shown({ tag, concurrency_limit: slots, active_slots: holders }: TagLimit) {
  return { tag, concurrency_limit: slots, active_slots: holders.length, task_run_ids: holders };
}

function parseSlots(text: string): number {
  const slots = Number(text);
  if (/^\d+$/.test(text) && slots <= SLOTS_MAX) return slots;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${SLOTS_MAX}.`);
}
