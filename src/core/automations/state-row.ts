/** What is kept of an automation between one event and the next, a row for each part of it. */

import type { AutomationId } from '../automation.ts';
import type { FlowRunId } from '../ids.ts';
import type { Instant } from '../time.ts';
import type { PartFirings } from './composite.ts';
import { derivedId, type HashText } from './derived-id.ts';
import type { KeyState } from './key-state.ts';
import type { OwnFirings } from './loop-guard.ts';
import type { MetricRun } from './metric-run.ts';
import type { MetricState } from './metric.ts';
import type { Stay } from './stay.ts';
import type { CompositeTrigger, EventTrigger } from './trigger.ts';

export type RowBody =
  | { readonly kind: 'key'; readonly triggerId: string; readonly state: KeyState }
  | { readonly kind: 'parts'; readonly triggerId: string; readonly parts: PartFirings }
  | { readonly kind: 'own'; readonly firings: OwnFirings }
  | { readonly kind: 'stay'; readonly triggerId: string; readonly stay: Stay }
  | { readonly kind: 'metric'; readonly triggerId: string; readonly metric: MetricState }
  | { readonly kind: 'metric-run'; readonly triggerId: string; readonly run: MetricRun };

export interface StateRow {
  /** A UUID, computed from what it is about. */
  readonly id: string;
  readonly automationId: AutomationId;
  readonly body: RowBody;
  /** From when on time has to be looked at; `null`: only events change it. */
  readonly dueAt: Instant | null;
  /** From when on it is as if it were not there; `null`: not by the passing of time. */
  readonly goneAt: Instant | null;
  /** The run that it is about, by whose events it is found; left out: none. */
  readonly flowRunId?: FlowRunId | undefined;
}

/** The ids of rows. */
export class RowIds {
  readonly #hash: HashText;

  constructor(hash: HashText) {
    this.#hash = hash;
  }

  key(automationId: AutomationId, { id, forEach }: EventTrigger, labels: KeyState['labels']): string {
    return derivedId(this.#hash, automationId, id, ...forEach.map((label) => labels[label] ?? ''));
  }

  parts(automationId: AutomationId, { id }: CompositeTrigger): string {
    return derivedId(this.#hash, automationId, id);
  }

  own(automationId: AutomationId): string {
    return derivedId(this.#hash, automationId);
  }

  metric(automationId: AutomationId, triggerId: string): string {
    return derivedId(this.#hash, automationId, triggerId);
  }

  ofRun(automationId: AutomationId, triggerId: string, flowRunId: FlowRunId): string {
    return derivedId(this.#hash, automationId, triggerId, flowRunId);
  }
}

/** The rows of one step: in memory, with what was changed. */
export class StepRows {
  /** By their ids; `null`: to be deleted. */
  readonly changed = new Map<string, StateRow | null>();
  readonly #rows = new Map<string, StateRow>();
  readonly #ofRuns = new Map<FlowRunId, Set<string>>();

  constructor(rows: readonly StateRow[]) {
    for (const row of rows) this.#take(row);
  }

  #take(row: StateRow): void {
    this.#rows.set(row.id, row);
    if (row.flowRunId === undefined) return;
    const there = this.#ofRuns.get(row.flowRunId) ?? new Set();
    this.#ofRuns.set(row.flowRunId, there.add(row.id));
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** @param clock what time it is; one whose time has come by then is as if it were not there */
  bodyOf(id: string, clock: Instant): RowBody | null {
    const row = this.#rows.get(id);
    return row === undefined || (row.goneAt !== null && row.goneAt <= clock) ? null : row.body;
  }

  put(row: StateRow): void {
    this.#take(row);
    this.changed.set(row.id, row);
  }

  forget(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#rows.delete(id);
    if (row.flowRunId !== undefined) this.#ofRuns.get(row.flowRunId)?.delete(id);
    this.changed.set(id, null);
  }

  /** By their ids: the order in which they were read or made says nothing. */
  ofRun(flowRunId: FlowRunId): readonly StateRow[] {
    return [...(this.#ofRuns.get(flowRunId) ?? [])].toSorted().flatMap((id) => this.#rows.get(id) ?? []);
  }

  /** Those whose time has come, in the order in which it did. */
  dueBy(settled: Instant): readonly StateRow[] {
    const due = [...this.#rows.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= settled);
    return due.toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || (a.id < b.id ? -1 : 1));
  }

  nextDueAt(): Instant | null {
    let next: Instant | null = null;
    for (const { dueAt } of this.#rows.values()) if (dueAt !== null && (next === null || dueAt < next)) next = dueAt;
    return next;
  }
}
