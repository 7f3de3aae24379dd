/** Sees which bodies run, whatever the store says of them. */

import type { FlowRun } from '../../src/core/flow-run.ts';
import type { FlowRunId } from '../../src/core/ids.ts';
import type { PlannedSchedule } from './plan.ts';

export class BodyWitness {
  readonly violations: string[] = [];
  /** How many have begun. */
  bodies = 0;
  readonly #alive = new Map<FlowRunId, string>();
  readonly #over = new Set<FlowRunId>();
  readonly #exclusive = new Map<string, Set<FlowRunId>>();

  /** @param schedule of which the run is; `null`: somebody asked for it */
  begin(run: FlowRun, processId: string, schedule: PlannedSchedule | null): void {
    this.bodies += 1;
    const other = this.#alive.get(run.id);
    if (other !== undefined) this.violations.push(`run ${run.id} runs in ${processId} and in ${other}`);
    if (this.#over.has(run.id)) this.violations.push(`run ${run.id} begins again after its end`);
    this.#alive.set(run.id, processId);
    if (schedule === null || schedule.isEdited || (schedule.policy?.overlap ?? 'allow') === 'allow') return;
    const beside = this.#exclusive.get(schedule.slug) ?? new Set();
    if (beside.size > 0) this.violations.push(`runs ${[...beside].join()} and ${run.id} of ${schedule.slug} overlap`);
    this.#exclusive.set(schedule.slug, beside.add(run.id));
  }

  /** @param isReported whether the store has heard of the end */
  end(id: FlowRunId, isReported: boolean): void {
    this.#alive.delete(id);
    if (isReported) this.#over.add(id);
    for (const runs of this.#exclusive.values()) runs.delete(id);
  }
}
