import type { Command } from 'commander';

import type { ScheduleCadence, SlotOfSchedule } from '../../contract/schedule-slot.ts';
import { formatInstant } from '../../core/time.ts';
import { DEPLOYMENT_WORD, parseLimit } from '../arguments.ts';
import { describe, describeSlots } from '../../client/control/describe-schedule.ts';
import { findDeployment } from '../../client/control/find-deployment.ts';
import { showShort, timeOf } from '../format.ts';
import { withPlane, type PlaneContext } from '../open-plane.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** @param command that of deployments */
export function defineScheduleHistory(command: Command, terminal: Terminal): void {
  const history = scheduleOf(command)
    .command('history')
    .summary('show what became of its slots')
    .description('Show what became of each slot of the schedules of a deployment, and why.');
  history
    .argument('<deployment>', DEPLOYMENT_WORD)
    .option('--limit <count>', 'how many slots, the last first; 200 at most', parseLimit, 20)
    .addOption(outputOption(history))
    .action((word: string, options: OutputOptions & { limit: number }) =>
      withPlane(terminal, (context) => showHistory(context, word, options)),
    );
  addExamples(history, [
    ['ostinato deployment schedule history sales/nightly', 'run, skipped, expired …, each with its reason'],
    ['ostinato deployment schedule history nightly --limit 200', 'further back'],
  ]);
}

function scheduleOf(command: Command): Command {
  const there = command.commands.find((one) => one.name() === 'schedule');
  return there ?? command.command('schedule').description('Look at the schedules of a deployment.');
}

/** As many as the API answers at once. */
const SLOTS_MAX = 200;

async function showHistory(
  { deployments, clock, terminal }: PlaneContext,
  word: string,
  { output, limit }: OutputOptions & { limit: number },
): Promise<void> {
  const { plain: deployment } = await findDeployment(deployments, word);
  const before = formatInstant(clock.now());
  const { plain, exact } = await deployments.slots(deployment.id, { limit: Math.min(limit, SLOTS_MAX), before });
  const names = new Map(
    plain.schedules.map(({ schedule }) => [schedule.id, schedule.slug ?? describe(schedule.schedule)]),
  );
  const columns: Column<SlotOfSchedule>[] = [
    { title: 'DUE', text: ({ due }) => timeOf(due), is: 'whole' },
    { title: 'SLOT', text: slotName, drops: 3 },
    { title: 'SCHEDULE', text: ({ schedule_id: id }) => names.get(id) ?? 'one that is gone', shrinks: true, drops: 2 },
    { title: 'OUTCOME', text: ({ outcome }) => outcome ?? 'open', is: 'whole' },
    { title: 'RUN', text: runOf, drops: 1 },
    { title: 'REASON', text: ({ reason }) => reason, shrinks: true },
  ];
  printResult(terminal, output, exact, () => {
    const cadences = plain.schedules.map(cadenceLine);
    const table =
      plain.slots.length === 0 ? 'No slot has been due yet.' : renderTable(plain.slots, columns, terminal).trimEnd();
    return `${[table, ...(cadences.length === 0 ? [] : ['', ...cadences])].join('\n')}\n`;
  });
}

function slotName({ nominal, fold, through, timezone }: SlotOfSchedule): string {
  if (through !== null) return `many, until ${timeOf(through)}`;
  return `${nominal.replace('T', ' ')}${fold === 1 ? ' (second)' : ''}${timezone === 'UTC' ? '' : ` ${timezone}`}`;
}

function runOf({ flow_run_name: name, state_name: state, flow_run_id: id }: SlotOfSchedule): string {
  if (name === null) return id === null ? '' : 'deleted';
  return state === null ? name : `${name} (${state})`;
}

/** As it is written, and as it is. */
function cadenceLine({ schedule, written_seconds: written, effective_seconds: effective }: ScheduleCadence): string {
  const slots = describeSlots(schedule, showShort);
  const name = `${describe(schedule.schedule)}${slots === '' ? '' : ` (${slots})`}`;
  if (written === null) return `${name}: too few slots to tell how often it runs.`;
  const says = `${name}: a slot every ${showShort(written)}`;
  if (effective === null) return `${says}; fewer than two of them ran.`;
  return effective > written
    ? `${says}, but it runs every ${showShort(effective)}: not every slot has a run.`
    : `${says}, and it runs as often.`;
}
