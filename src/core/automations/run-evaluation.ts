/** Triggers on flow runs, within a step: what comes of an event of a run, and of the passing of time. */

import type { Event } from '../event.ts';
import type { FlowRunId } from '../ids.ts';
import type { Instant } from '../time.ts';
import type { ActiveTrigger, AutomationSet } from './automation-set.ts';
import { afterRunState, metricRunGoneAt, type MetricRun } from './metric-run.ts';
import { afterMetricTime, metricAt, metricDueAt, newMetric, type MetricState } from './metric.ts';
import { runNewsOf, type RunNews } from './run-state.ts';
import type { MetricTrigger, RunTimesAsked, RunTrigger, StayTrigger } from './run-trigger.ts';
import type { RowIds, StateRow, StepRows } from './state-row.ts';
import {
  afterLeaving,
  afterStayTime,
  beginStay,
  isStayIn,
  stayDueAt,
  stayLengthUs,
  type Stay,
  type StayFiring,
} from './stay.ts';

/** Run times of completed runs like this one. */
export interface RunTimesNeeded extends RunTimesAsked {
  readonly flowRunId: FlowRunId;
}

/** Microseconds, by `runTimesKey`. */
export type RunTimes = ReadonlyMap<string, readonly number[]>;

export function runTimesKey({ flowRunId, of, runs }: RunTimesNeeded): string {
  return `${of} ${runs} ${flowRunId}`;
}

/** What has to be read for an event of a run. */
export interface RunNeeds {
  /** Rows about it. */
  readonly flowRunId: FlowRunId;
  readonly rowIds: readonly string[];
  readonly runTimes: readonly RunTimesNeeded[];
}

export function neededForRun(automations: AutomationSet, event: Event, ids: RowIds): RunNeeds | null {
  const news = automations.watchesRuns ? runNewsOf(event) : null;
  if (news === null) return null;
  const matched = automations.lookingAtRun(event);
  return {
    flowRunId: news.runId,
    rowIds: matched.flatMap(({ automation, trigger }) =>
      trigger.type === 'metric' ? [ids.metric(automation.id, trigger.id)] : [],
    ),
    runTimes: matched.flatMap(({ trigger }) =>
      trigger.type === 'stay' && isStayIn(trigger, news) ? (timesNeeded(trigger, news.runId) ?? []) : [],
    ),
  };
}

function timesNeeded({ longerThan }: StayTrigger, flowRunId: FlowRunId): RunTimesNeeded | null {
  return longerThan && { flowRunId, of: longerThan.of, runs: longerThan.runs };
}

/** Rows without which what is kept of a run cannot be moved on. */
export function neededBy({ automationId, body }: StateRow, ids: RowIds): readonly string[] {
  return body.kind === 'metric-run' ? [ids.metric(automationId, body.triggerId)] : [];
}

export interface RunFiring {
  readonly state: 'Triggered' | 'Resolved';
  readonly at: Instant;
  /** `null`: by a figure, not by one run. */
  readonly event: Event | null;
  /** The same for the same cause, within a trigger. */
  readonly cause: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The figure, where it is one. */
  readonly value?: number;
}

export interface RunEvaluationParts {
  readonly automations: AutomationSet;
  readonly rows: StepRows;
  readonly ids: RowIds;
  readonly runTimes: RunTimes;
  /** In place of `rows.put`. */
  readonly put: (row: StateRow) => void;
  readonly fire: (active: ActiveTrigger<RunTrigger>, firing: RunFiring) => void;
}

export class RunEvaluation {
  readonly #parts: RunEvaluationParts;

  constructor(parts: RunEvaluationParts) {
    this.#parts = parts;
  }

  /** @param clock what time it is */
  handle(event: Event, clock: Instant): void {
    const { automations, rows, ids } = this.#parts;
    const news = automations.watchesRuns ? runNewsOf(event) : null;
    if (news === null) return;
    const moved = rows.ofRun(news.runId);
    for (const row of moved) this.#move(row, event, news, clock);
    const known = new Set(moved.map(({ id }) => id));
    for (const active of automations.lookingAtRun(event)) {
      const id = ids.ofRun(active.automation.id, active.trigger.id, news.runId);
      if (known.has(id)) continue;
      if (isStay(active)) this.#begin(active, id, event, news);
      else if (isMetric(active)) this.#count(active, id, null, news);
    }
  }

  /** When its time has come. */
  pass({ id, automationId, body, flowRunId }: StateRow, settled: Instant): void {
    const active = this.#activeOf(automationId, body);
    if (active === null) return this.#parts.rows.forget(id);
    if (body.kind === 'stay' && flowRunId !== undefined) {
      const { stay, firings } = afterStayTime(body.stay);
      this.#keepStay(active, id, flowRunId, stay);
      for (const firing of firings) this.#fireStay(active, flowRunId, firing);
    } else if (body.kind === 'metric' && isMetric(active))
      this.#keepMetric(active, this.#passed(active, body.metric, settled));
  }

  #activeOf(automationId: string, body: StateRow['body']): ActiveTrigger<RunTrigger> | null {
    return 'triggerId' in body ? this.#parts.automations.findRunTrigger(automationId, body.triggerId) : null;
  }

  /** What is known of the run, whether or not its labels still fit. */
  #move({ id, automationId, body }: StateRow, event: Event, news: RunNews, clock: Instant): void {
    const { rows } = this.#parts;
    const active = this.#activeOf(automationId, body);
    if (active === null) return rows.forget(id);
    if (body.kind === 'metric-run' && isMetric(active))
      this.#count(active, id, rows.bodyOf(id, clock) === null ? null : body.run, news);
    else if (body.kind === 'stay' && isStay(active) && !isStayIn(active.trigger, news)) {
      const { stay, firings } = afterLeaving(body.stay, event, news.at);
      this.#keepStay(active, id, news.runId, stay);
      for (const firing of firings) this.#fireStay(active, news.runId, firing);
    }
  }

  #begin(active: ActiveTrigger<StayTrigger>, id: string, event: Event, news: RunNews): void {
    const { trigger } = active;
    if (!isStayIn(trigger, news)) return;
    const needed = timesNeeded(trigger, news.runId);
    const lengthUs = stayLengthUs(trigger, (needed && this.#parts.runTimes.get(runTimesKey(needed))) ?? []);
    if (lengthUs !== null) this.#keepStay(active, id, news.runId, beginStay(event, news.at, lengthUs));
  }

  #keepStay(active: ActiveTrigger<RunTrigger>, id: string, flowRunId: FlowRunId, stay: Stay | null): void {
    if (stay === null) return this.#parts.rows.forget(id);
    const body = { kind: 'stay', triggerId: active.trigger.id, stay } as const;
    this.#parts.put({ id, automationId: active.automation.id, body, dueAt: stayDueAt(stay), goneAt: null, flowRunId });
  }

  #fireStay(active: ActiveTrigger<RunTrigger>, flowRunId: FlowRunId, firing: StayFiring): void {
    this.#parts.fire(active, { ...firing, labels: { 'prefect.resource.id': `prefect.flow-run.${flowRunId}` } });
  }

  #count(active: ActiveTrigger<MetricTrigger>, id: string, run: MetricRun | null, news: RunNews): void {
    const { automation, trigger } = active;
    const { rows, ids } = this.#parts;
    const body = rows.bodyOf(ids.metric(automation.id, trigger.id), news.at);
    const before = body?.kind === 'metric' ? body.metric : newMetric(news.at);
    const after = afterRunState(trigger, { metric: this.#passed(active, before, news.at), run }, news);
    if (after.metric !== before) this.#keepMetric(active, metricAt(trigger, after.metric, news.at));
    if (after.run === null) return rows.forget(id);
    if (after.run === run) return;
    const kept = { kind: 'metric-run', triggerId: trigger.id, run: after.run } as const;
    const goneAt = metricRunGoneAt(trigger, after.run);
    this.#parts.put({ id, automationId: automation.id, body: kept, dueAt: null, goneAt, flowRunId: news.runId });
  }

  #passed(active: ActiveTrigger<MetricTrigger>, before: MetricState, until: Instant): MetricState {
    const { metric, firings } = afterMetricTime(active.trigger, before, until);
    for (const { state, at, value } of firings)
      this.#parts.fire(active, { state, at, value, event: null, cause: `${state} ${at}`, labels: {} });
    return metric;
  }

  #keepMetric({ automation, trigger }: ActiveTrigger<MetricTrigger>, metric: MetricState): void {
    const id = this.#parts.ids.metric(automation.id, trigger.id);
    if (metric.isBad === null && !metric.hasFired) return this.#parts.rows.forget(id);
    const body = { kind: 'metric', triggerId: trigger.id, metric } as const;
    const dueAt = metricDueAt(trigger, metric);
    this.#parts.put({ id, automationId: automation.id, body, dueAt, goneAt: null });
  }
}

function isStay(active: ActiveTrigger<RunTrigger>): active is ActiveTrigger<StayTrigger> {
  return active.trigger.type === 'stay';
}

function isMetric(active: ActiveTrigger<RunTrigger>): active is ActiveTrigger<MetricTrigger> {
  return active.trigger.type === 'metric';
}
