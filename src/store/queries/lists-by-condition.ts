/** Lists and counts by condition, of either dialect: each shape of query is compiled once, and bound anew each time. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { Condition, EntityByNoun, Noun, Query } from '../../core/query.ts';
import type { StateMark } from '../../core/run-segments.ts';
import type { StateType } from '../../core/state.ts';
import { TaskRunFolder, type FoldedGroup, type TaskRunGroup } from '../../core/task-run-groups.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';
import { FIRST_ID, readId, type IdValue } from '../id-value.ts';
import { READERS as NOUN_READERS } from '../nouns/table.ts';
import type { GroupPage, HistoryCount, HistoryRequest, ObservedState } from '../port/query.ts';
import { readArtifactRow } from '../rows/artifact.ts';
import { readBlockDocumentRow, readBlockSchemaRow, readBlockTypeRow } from '../rows/block.ts';
import { readConcurrencyLimitRow } from '../rows/concurrency.ts';
import { readDeploymentRow } from '../rows/deployment.ts';
import { readFlowRow, readFlowSummaryRow } from '../rows/flow-run.ts';
import { readLogRow } from '../rows/log.ts';
import { readTaskRunRow, type TaskRunRow } from '../rows/task-run.ts';
import { readWorkerRow, readWorkPoolRow, readWorkQueueRow } from '../rows/work-pool.ts';
import {
  countByPlan,
  historyPlan,
  latenessPlan,
  shapeOfCountBy,
  shapeOfHistory,
  shapeOfLateness,
} from './aggregates.ts';
import { EventLists } from './event-lists.ts';
import { countPlan, findPlan, keysPlan, probePlan, type Plan, type PlanContext, type AccessPath } from './find.ts';
import { OBSERVED_STATES, readObservedStates, type ObservedStateRow } from './observed-states.ts';
import { shapeOfCount, shapeOfProbe, shapeOfQuery, type Shape } from './shape.ts';
import type { SqlDialect } from './sql-dialect.ts';
import {
  endOfStep,
  foldPlan,
  groupPlan,
  marksPlan,
  namedGroups,
  namesPlan,
  readFoldRow,
  readMarks,
  shapeOfFold,
  shapeOfGroup,
  shapeOfMarks,
  shapeOfNames,
  type FoldRow,
  type MarkRow,
  type NameRow,
} from './task-run-groups.ts';
import { FEW_ROWS, accessPathTo } from './access-path.ts';

/** How a dialect runs what was compiled. */
export interface PlanRunner {
  readonly dialect: SqlDialect;
  /** Rows of one query. @param compile is called for a shape that is new */
  run(shape: Shape, compile: () => Plan): MaybePromise<readonly unknown[]>;
  /** As `run`, of a query that looks at few entries of an index. */
  probe(shape: Shape, compile: () => Plan): MaybePromise<readonly unknown[]>;
  /** Flow runs by the keys of their rows (`SqlDialect.rowKey`), in their order; those that are gone are left out. */
  readFlowRuns(keys: readonly unknown[]): MaybePromise<readonly FlowRun[]>;
  /** The history of flow runs in the dialect's own way; `null` where it has none for what is asked. */
  flowRunHistory(
    request: HistoryRequest,
    grouped: (request: HistoryRequest) => MaybePromise<readonly HistoryCount[]>,
  ): MaybePromise<readonly HistoryCount[]> | null;
}

/** Flow runs are read otherwise: by their keys. */
type Readers = { readonly [N in Exclude<keyof EntityByNoun, 'flow_run'>]: (row: never) => EntityByNoun[N] };

const READERS: Readers = {
  flow: readFlowRow,
  flow_summary: readFlowSummaryRow,
  task_run: readTaskRunRow,
  log: readLogRow,
  artifact: readArtifactRow,
  block_type: readBlockTypeRow,
  block_schema: readBlockSchemaRow,
  block_document: readBlockDocumentRow,
  artifact_collection: readArtifactRow,
  deployment: readDeploymentRow,
  concurrency_limit: readConcurrencyLimitRow,
  work_pool: readWorkPoolRow,
  work_queue: readWorkQueueRow,
  worker: readWorkerRow,
  ...NOUN_READERS,
};

interface CountByRow {
  readonly value: string | number | IdValue;
  readonly count: number;
}

interface GroupedRow {
  readonly bucket: number;
  readonly state_type: StateType;
  readonly state_name: string;
  readonly count: number;
  readonly run_time_us: number;
  readonly lateness_us: number;
}

export class ListsByCondition {
  readonly events: EventLists;
  readonly #runner: PlanRunner;
  readonly #dialect: SqlDialect;
  readonly #context: PlanContext;

  constructor(runner: PlanRunner) {
    this.#runner = runner;
    this.events = new EventLists(runner);
    this.#dialect = runner.dialect;
    this.#context = { dialect: runner.dialect };
  }

  find<N extends keyof EntityByNoun>(noun: N, query: Query): MaybePromise<readonly EntityByNoun[N][]> {
    if (query.limit === 0) return [];
    return chain(this.#accessPathTo(noun, query), (accessPath) => {
      if (noun === 'flow_run') return this.#findFlowRuns(query, accessPath) as MaybePromise<readonly EntityByNoun[N][]>;
      const shape = shapeOfQuery(this.#dialect, noun, query, accessPath);
      const read = READERS[noun as Exclude<N, 'flow_run'>] as (row: unknown) => EntityByNoun[N];
      return chain(
        this.#runner.run(shape, () => findPlan(this.#context, noun, query, accessPath)),
        (rows) => rows.map((row) => read(row)),
      );
    });
  }

  /** Their keys are looked for; of most, the rest may be known already. */
  #findFlowRuns(query: Query, accessPath: AccessPath): MaybePromise<readonly FlowRun[]> {
    const keys = this.#runner.run(shapeOfQuery(this.#dialect, 'flow_run', query, accessPath), () =>
      keysPlan(this.#context, 'flow_run', query, accessPath),
    );
    return chain(keys as MaybePromise<readonly { readonly page_key: unknown }[]>, (found) =>
      this.#runner.readFlowRuns(found.map((row) => row.page_key)),
    );
  }

  count(noun: Noun, where: Condition): MaybePromise<number> {
    const rows = this.#runner.run(shapeOfCount(this.#dialect, noun, where), () =>
      countPlan(this.#context, noun, where),
    );
    return chain(rows, ([row]) => Number((row as { readonly count: number }).count));
  }

  countBy(noun: Noun, field: string, where: Condition): MaybePromise<ReadonlyMap<string | number, number>> {
    const rows = this.#runner.run(shapeOfCountBy(this.#dialect, noun, field, where), () =>
      countByPlan(this.#context, noun, field, where),
    );
    return chain(
      rows as MaybePromise<readonly CountByRow[]>,
      (found) => new Map(found.map(({ value, count }) => [value instanceof Uint8Array ? readId(value) : value, count])),
    );
  }

  runHistory(noun: 'flow_run' | 'task_run', request: HistoryRequest): MaybePromise<readonly HistoryCount[]> {
    const grouped = (asked: HistoryRequest): MaybePromise<readonly HistoryCount[]> => this.#groupedHistory(noun, asked);
    return (noun === 'flow_run' ? this.#runner.flowRunHistory(request, grouped) : null) ?? grouped(request);
  }

  #groupedHistory(noun: 'flow_run' | 'task_run', request: HistoryRequest): MaybePromise<readonly HistoryCount[]> {
    const rows = this.#runner.run(shapeOfHistory(this.#dialect, noun, request), () =>
      historyPlan(this.#context, noun, request),
    );
    return chain(rows as MaybePromise<readonly GroupedRow[]>, (found) =>
      found.map((row) => ({
        bucket: row.bucket,
        stateType: row.state_type,
        stateName: row.state_name,
        count: row.count,
        runTimeUs: row.run_time_us,
        latenessUs: row.lateness_us,
      })),
    );
  }

  averageLateness(where: Condition, now: Instant): MaybePromise<number | null> {
    const rows = this.#runner.run(shapeOfLateness(this.#dialect, where, now), () => latenessPlan(this.#context, where));
    return chain(rows, ([row]) => (row as { readonly lateness_us: number | null }).lateness_us);
  }

  /** The walk over a million runs is made in steps: each is a read of its own, and others who wait come in between. */
  groupTaskRuns(flowRunId: FlowRunId, groupsMax: number): MaybePromise<readonly TaskRunGroup[]> {
    const folder = new TaskRunFolder();
    const step = (after: IdValue): MaybePromise<readonly FoldedGroup[]> =>
      chain(
        this.#runner.run(shapeOfFold(flowRunId, after), () => foldPlan(this.#dialect)) as MaybePromise<
          readonly FoldRow[]
        >,
        (rows) => {
          folder.add(rows.map(readFoldRow));
          const next = endOfStep(rows);
          return next === null ? folder.groups(groupsMax) : step(next);
        },
      );
    return chain(step(FIRST_ID), (groups) =>
      chain(
        this.#runner.run(shapeOfNames(this.#dialect, groups), () => namesPlan(this.#dialect)) as MaybePromise<
          readonly NameRow[]
        >,
        (rows) => namedGroups(groups, rows),
      ),
    );
  }

  listGroupedTaskRuns(page: GroupPage): MaybePromise<readonly TaskRun[]> {
    const rows = this.#runner.run(shapeOfGroup(this.#dialect, page), () => groupPlan(this.#dialect));
    return chain(rows as MaybePromise<readonly TaskRunRow[]>, (found) => found.map(readTaskRunRow));
  }

  listStateMarks(ids: readonly TaskRunId[]): MaybePromise<ReadonlyMap<TaskRunId, readonly StateMark[]>> {
    if (ids.length === 0) return new Map();
    return chain(
      this.#runner.run(shapeOfMarks(this.#dialect, ids), () => marksPlan(this.#dialect)) as MaybePromise<
        readonly MarkRow[]
      >,
      readMarks,
    );
  }

  observedStates(): MaybePromise<readonly ObservedState[]> {
    const rows = this.#runner.run({ key: 'observed states', values: [] }, () => ({ sql: OBSERVED_STATES, slots: [] }));
    return chain(rows, (found) => readObservedStates(found as readonly ObservedStateRow[]));
  }

  #accessPathTo(noun: Noun, query: Query): MaybePromise<AccessPath> {
    const choice = accessPathTo(noun, query);
    return typeof choice === 'string' ? choice : this.#byProbes(noun, choice.probes);
  }

  #byProbes(noun: Noun, [part, ...others]: readonly Condition[]): MaybePromise<AccessPath> {
    if (part === undefined) return 'order';
    const rows = this.#runner.probe(shapeOfProbe(this.#dialect, noun, part), () =>
      probePlan(this.#context, noun, part, FEW_ROWS),
    );
    return chain(rows, ([row]) =>
      Number((row as { readonly count: number }).count) < FEW_ROWS ? 'condition' : this.#byProbes(noun, others),
    );
  }
}

export function valuesOf({ slots }: Plan, { values }: Shape): Shape['values'] {
  return slots.map((slot) => values[slot] as Shape['values'][number]);
}
