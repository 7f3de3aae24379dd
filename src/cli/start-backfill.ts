/** `ostinato deployment backfill`: shows what would run, or begins it. */

import { backfillsOf } from '../client/control/backfills.ts';
import { findDeployment, type FoundDeployment } from '../client/control/find-deployment.ts';
import type { BackfillPreview, BackfillRequest, PlannedSlot } from '../contract/backfill.ts';
import { readInstant } from '../contract/encode/instant.ts';
import type { BackfillId } from '../core/backfills/backfill.ts';
import { sentValues } from '../core/json-value.ts';
import { zonedText } from '../core/schedules/local-time.ts';
import { zoneOf } from '../core/schedules/zone.ts';
import { createIdSource } from '../platform/ids.ts';
import { typedParameters } from '../sdk/typed-parameters.ts';
import { showProgress } from './backfill-progress.ts';
import type { BackfillOptions } from './commands/deployment-backfill.ts';
import { findSchedule } from './deployment-schedules.ts';
import { withPlane } from './open-plane.ts';
import { printResult } from './output.ts';
import { readParameters } from './run-parameters.ts';
import { renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';
import { sourceByHand } from '../sdk/version-source.ts';
import { followBackfill } from './watch-backfill.ts';

/** Slots that are shown one by one. */
const SLOTS_SHOWN = 20;
/** For a program, as many as the API tells at once. */
const SLOTS_TOLD = 200;

export async function backfillDeployment(terminal: Terminal, word: string, options: BackfillOptions): Promise<void> {
  const given = readParameters(options, terminal.workingDirectory);
  await withPlane(terminal, async (context) => {
    const backfills = backfillsOf(context.plane);
    const found = await findDeployment(context.deployments, word);
    const schema = found.plain.parameter_openapi_schema;
    const request: BackfillRequest = {
      from: options.from,
      to: options.to ?? null,
      ...timesOf(found, options),
      order: options.order,
      rerun: options.rerun,
      ...(given === null ? {} : { parameters: sentValues(typedParameters(given, schema, null)) }),
    };
    const { output } = options;
    if (options.dryRun === true) {
      const limit = output === 'json' ? SLOTS_TOLD : SLOTS_SHOWN;
      const { plain, exact } = await backfills.preview(found.plain.id, request, limit);
      printResult(terminal, output, exact, () => previewText(plain, terminal));
      return;
    }
    const { plain, exact } = await backfills.start(found.plain.id, {
      ...request,
      id: createIdSource().next<BackfillId>(),
      name: options.name ?? null,
      concurrency: options.concurrency,
      created_by: sourceByHand().by ?? null,
    });
    if (options.watch === true) return await followBackfill(backfills, context, plain, output);
    printResult(terminal, output, exact, () =>
      [
        `Backfill ${plain.name} of deployment ${plain.deployment_name} has ${showProgress(plain)}.`,
        `Follow it with: ostinato backfill watch ${plain.name}`,
      ].join('\n'),
    );
  });
}

function timesOf(
  found: FoundDeployment,
  { schedule, cron, interval, timezone }: BackfillOptions,
): Pick<BackfillRequest, 'schedule' | 'schedule_id'> {
  const zone = timezone === undefined ? {} : { timezone };
  if (cron !== undefined) return { schedule: { cron, ...zone } };
  if (interval !== undefined) return { schedule: { interval, ...zone } };
  return schedule === undefined ? {} : { schedule_id: findSchedule(found, schedule).id };
}

function previewText(preview: BackfillPreview, terminal: Terminal): string {
  const { total, left_out: leftOut, slots, timezone } = preview;
  const zone = zoneOf(timezone);
  const columns: Column<PlannedSlot>[] = [
    { title: 'SLOT', text: ({ start }) => zonedText(readInstant(start), zone).replace('T', ' '), is: 'whole' },
    {
      title: 'UNTIL',
      text: ({ end }) => (end === null ? '' : zonedText(readInstant(end), zone).replace('T', ' ')),
      drops: 1,
    },
    { title: 'CLOCKS', text: ({ mark }) => mark ?? '', drops: 2 },
    { title: 'WOULD', text: ({ is_left_out: isLeftOut }) => (isLeftOut ? 'be left out' : 'run'), is: 'whole' },
    { title: 'REASON', text: ({ reason }) => reason ?? '', shrinks: true },
  ];
  const runs = total - leftOut;
  return [
    renderTable(slots, columns, terminal).trimEnd(),
    ...(total > slots.length ? [`… and ${total - slots.length} more.`] : []),
    '',
    `Would run: ${runs} of ${total} ${total === 1 ? 'slot' : 'slots'}. Left out: ${leftOut}.`,
    'Nothing was made.',
  ].join('\n');
}
