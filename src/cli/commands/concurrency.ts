import { InvalidArgumentError, type Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import type { TagLimit } from '../../core/concurrency/tag-slots.ts';
import { withClient, type Desk } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Limits need no look at runs. */
const QUIET = { lookAfterLostRuns: false } as const;
/** Shown at once. */
const LIMITS_MAX = 200;
/** As the column of the store has it. */
const SLOTS_MAX = 2_147_483_647;

export function define(command: Command, terminal: Terminal): void {
  const open = (work: (desk: Desk) => Promise<void>): Promise<void> => withClient(terminal, work, QUIET);

  const list = command.command('ls').description('List the limits on tags, and how many of their slots are taken.');
  list.addOption(outputOption(list)).action(({ output }: OutputOptions) =>
    open(async ({ client }) => {
      const limits = await client.listTagLimits({ limit: LIMITS_MAX, offset: 0 });
      printResult(terminal, output, limits.map(shown), () => (limits.length === 0 ? 'No limits yet. Make one with: ostinato concurrency create TAG SLOTS' : renderTable(limits, COLUMNS, terminal)));
    }),
  );

  const create = command.command('create').description('Limit how many task runs that carry a tag run at once, on all machines together.');
  create.argument('<tag>').argument('<slots>', 'how many; 0 lets none run', parseSlots).addOption(outputOption(create)).action((tag: string, slots: number, { output }: OutputOptions) =>
    open(async ({ client }) => {
      if (tag.trim() === '') throw new OstinatoError('bad-input', 'A tag cannot be empty.');
      const limit = await client.setTagLimit(tag, slots);
      printResult(terminal, output, shown(limit), () => `At most ${slots} task ${slots === 1 ? 'run' : 'runs'} tagged ${tag} at once${limit.isNew ? '' : ', from now on'}.`);
    }),
  );
  addExamples(create, [['ostinato concurrency create database 4', 'also changes the limit that is there']]);

  const remove = command.command('delete').description('Lift the limit on a tag.');
  remove.argument('<tag>').addOption(outputOption(remove)).action((tag: string, { output }: OutputOptions) =>
    open(async ({ client }) => {
      if (!(await client.deleteTagLimit({ tag }))) throw new OstinatoError('not-found', `There is no limit on the tag ${JSON.stringify(tag)}.`, { remedy: 'See them with: ostinato concurrency ls' });
      printResult(terminal, output, { tag }, () => `The limit on ${tag} is lifted.`);
    }),
  );
}

const COLUMNS: readonly Column<TagLimit>[] = [
  { title: 'TAG', text: ({ tag }) => tag, is: 'whole' },
  { title: 'SLOTS', text: ({ limit }) => String(limit.limit) },
  { title: 'TAKEN', text: ({ limit }) => String(limit.activeSlots) },
  { title: 'HELD BY', text: ({ taskRunIds }) => taskRunIds.slice(0, 3).join(', '), shrinks: true, drops: 1 },
];

function shown({ tag, limit, taskRunIds }: TagLimit) {
  return { tag, concurrency_limit: limit.limit, active_slots: limit.activeSlots, task_run_ids: taskRunIds };
}

function parseSlots(text: string): number {
  const slots = Number(text);
  if (/^\d+$/.test(text) && slots <= SLOTS_MAX) return slots;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${SLOTS_MAX}.`);
}
