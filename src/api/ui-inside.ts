/** The inside of a flow run, for our own pages. */

import { decodeGroupKey, encodeInsideGroup, encodeInsideRun } from '../contract/encode/inside.ts';
import { instantOrNull } from '../contract/encode/instant.ts';
import { INSIDE_PAGE_MAX, UI_INSIDE, UI_INSIDE_GROUP, UI_INSIDE_ROWS } from '../contract/routes/ui-inside.ts';
import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { formatInstant, type Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { found, ok, operation, type Operation } from './operation.ts';

const PAGE_DEFAULT = 50;

export function uiInsideOperations({
  useCases,
  clock,
}: {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}): readonly Operation[] {
  return [
    operation(UI_INSIDE, async ({ params }) => {
      const asOf = formatInstant(clock.now());
      const { flowRun, taskRunCount, runs, groups } = found(
        await useCases.readInside(params['id'] as FlowRunId),
        'Flow run',
      );
      return ok({
        as_of: asOf,
        start_time: instantOrNull(flowRun.startTime ?? flowRun.expectedStartTime),
        end_time: instantOrNull(flowRun.endTime),
        task_run_count: taskRunCount,
        is_folded: groups.length > 0,
        runs: runs.map(encodeInsideRun),
        groups: groups.map(encodeInsideGroup),
      });
    }),
    operation(UI_INSIDE_GROUP, async ({ params, body }) => {
      const { is_bad: isBad = true, after = null } = body.from ?? {};
      const place = { isBad, after: (after ?? '') as TaskRunId | '' };
      const { runs, next } = found(
        await useCases.readGroup(
          params['id'] as FlowRunId,
          decodeGroupKey(body.key),
          place,
          body.limit ?? PAGE_DEFAULT,
        ),
        'Flow run',
      );
      return ok({
        runs: runs.map(encodeInsideRun),
        next: next && { is_bad: next.isBad, after: next.after === '' ? null : next.after },
      });
    }),
    operation(UI_INSIDE_ROWS, async ({ params, body }) => {
      const asOf = formatInstant(clock.now());
      const page = { limit: body.limit ?? INSIDE_PAGE_MAX, offset: body.offset ?? 0 };
      const { rows, groupCount } = found(await useCases.readInsideRows(params['id'] as FlowRunId, page), 'Flow run');
      return ok({
        as_of: asOf,
        group_count: groupCount,
        rows: rows.map((row) =>
          row.kind === 'run'
            ? { run: encodeInsideRun(row.run), group: null }
            : { run: null, group: encodeInsideGroup(row.group) },
        ),
      });
    }),
  ];
}
