/** One step of the automations: events and the passing of time become firings, told by events, with their actions. */

import type { Automation } from '../../core/automation.ts';
import { AutomationSet } from '../../core/automations/automation-set.ts';
import type { HashText } from '../../core/automations/derived-id.ts';
import { clockAfter, evaluateStep, settledAt, SETTLING_SECONDS } from '../../core/automations/evaluation.ts';
import { LATE_SECONDS } from '../../core/automations/key-state.ts';
import { runTimesKey } from '../../core/automations/run-evaluation.ts';
import { rowsNeededBy, stepNeeds } from '../../core/automations/step-needs.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { AutomationRules, AutomationStepped } from '../../store/port/automation-steps.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { firingEvent, ordersOf, stoppedEvent } from './outcome.ts';

/** Events of one step. */
const EVENTS_MAX = 500;

export interface Stepped {
  readonly firingCount: number;
  readonly stopped: readonly Automation[];
}

/** Answers `null` when no automation is enabled. */
export function stepAutomations(
  { storage, clock }: Pick<OrchestratorPorts, 'storage' | 'clock'>,
  hash: HashText,
  limit = EVENTS_MAX,
): MaybePromise<AutomationStepped<Stepped> | null> {
  const now = clock.now();
  return storage.stepAutomations({ limit, now }, rulesAt(now, hash));
}

const sets = new WeakMap<readonly Automation[], AutomationSet>();

function setOf(automations: readonly Automation[]): AutomationSet {
  const known = sets.get(automations) ?? new AutomationSet(automations);
  sets.set(automations, known);
  return known;
}

function rulesAt(now: Instant, hash: HashText): AutomationRules<Stepped> {
  return {
    looksAtName: (automations, name) => setOf(automations).looksAtName(name),
    needs: (facts) => stepNeeds({ ...facts, automations: setOf(facts.automations), hash }),
    rowsNeededBy: (automations, rows) => rowsNeededBy(setOf(automations), rows, hash),
    runTimesKey,
    dueUntil: (facts) => settledAt(clockAfter(facts)),
    nextAt(dueAt, waitingSince) {
      const times = [
        ...(dueAt === null ? [] : [addSeconds(dueAt, SETTLING_SECONDS)]),
        ...(waitingSince === null ? [] : [addSeconds(waitingSince, LATE_SECONDS)]),
      ];
      return times.length === 0 ? null : (Math.min(...times) as Instant);
    },
    take(facts) {
      const { firings, stopped, ...kept } = evaluateStep({ ...facts, automations: setOf(facts.automations), hash });
      return {
        ...kept,
        stopped: stopped.map(({ id }) => id),
        events: [
          ...firings.map((fired) => firingEvent(fired, now)),
          ...stopped.map((automation) => stoppedEvent(automation, now, hash)),
        ],
        orders: firings.flatMap((fired) => ordersOf(fired, hash)),
        answer: { firingCount: firings.length, stopped },
      };
    },
  };
}
