/**
 * How an alert goes on: pure functions of what is kept of it, and the time.
 *
 * 1. What it becomes (`transition`) is decided and written first, each change once. What is to be told of it follows
 *    from what is kept (`pending`), and is told at least once: whoever dies in between leaves it to be told.
 * 2. One that is over is not repeated: a failure after that opens another one.
 * 3. A message that stands there is edited; else it is replied to at growing distances; a channel that can do neither
 *    hears of repeats an hour later at the soonest, then at growing distances.
 */

import type { Severity } from '../notifications/channel.ts';
import { SEVERITIES } from '../notifications/channel.ts';
import { addSeconds, secondsBetween, type Instant } from '../time.ts';
import { withEntry } from './digest.ts';
import { afterQuiet } from './quiet-hours.ts';
import { AFFECTED_SHOWN, isOver, type AffectedResource, type Alert, type AlertTold } from './alert.ts';

/** The order that opens an alert has so long to tell it, with all its attempts; then the alert is told by itself. */
const TELLER_SECONDS = 1200;
/** Of a message that is edited. */
const EDIT_SECONDS = { min: 5, max: 300, shareOfAge: 0.05 };
const REPLY_SECONDS_MIN = 5;
const REPEATS_SECONDS = 3600;
/** A message that is not taken is tried again: after 10 s, 20 s, … */
const AGAIN_SECONDS = { min: 10, max: 3600 };
/** Then a change of a message is given up. The first message is tried as long as the alert is open. */
const TRIES_MAX = 6;

/** Of what is told once: about a day. */
const ONCE_TRIES_MAX = 30;

/** Names of automations that are kept. */
const AUTOMATIONS_MAX = 20;

export interface Repeat {
  readonly at: Instant;
  readonly severity: Severity;
  readonly automation: string;
  /** Of a cause in a digest. */
  readonly words: string;
  /** `null`: nothing that has a name. */
  readonly affected: AffectedResource | null;
  /** Whether it was not affected before. */
  readonly isNewlyAffected: boolean;
}

const UNTOLD: Omit<AlertTold, 'at' | 'again'> = {
  isTold: false,
  handle: null,
  can: 'nothing',
  count: 0,
  state: 'open',
  steps: 0,
  messages: 0,
  failures: 0,
  receipt: '',
};

/** Nobody but the order that has opened it tells it before then. */
export function untoldAt(openedAt: Instant): AlertTold {
  return { ...UNTOLD, at: openedAt, again: addSeconds(openedAt, TELLER_SECONDS) };
}

export function repeated(alert: Alert, repeat: Repeat): Alert {
  const { at, severity, automation, words, affected, isNewlyAffected } = repeat;
  return {
    ...alert,
    count: alert.count + 1,
    repeatedAt: Math.max(at, alert.repeatedAt) as Instant,
    severity: worse(alert.severity, severity),
    automations:
      alert.automations.includes(automation) || alert.automations.length >= AUTOMATIONS_MAX
        ? alert.automations
        : [...alert.automations, automation],
    affected:
      affected === null
        ? alert.affected
        : [affected, ...alert.affected.filter(({ id }) => id !== affected.id)].slice(0, AFFECTED_SHOWN),
    affectedCount: alert.affectedCount + (isNewlyAffected ? 1 : 0),
    digest: alert.digest === null ? null : withEntry(alert.digest, words),
    healthySince: null,
  };
}

function worse(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other;
}

export type Transition = 'recovered' | 'closed' | 'escalated';

/** What it becomes by the passing of time, and when; `null`: nothing. */
export function nextTransition(alert: Alert): { readonly to: Transition; readonly at: Instant } | null {
  if (isOver(alert.state) || alert.isOnce) return null;
  const { options, healthySince, escalated, state, openedAt } = alert;
  const closes = addSeconds(alert.repeatedAt, options.closeAfterSeconds);
  const coming: { readonly to: Transition; readonly at: Instant }[] = [{ to: 'closed', at: closes }];
  if (healthySince !== null && options.recoveredAfterSeconds !== null)
    coming.push({ to: 'recovered', at: addSeconds(healthySince, options.recoveredAfterSeconds) });
  const step = options.escalation[escalated];
  if (step !== undefined && state === 'open')
    coming.push({ to: 'escalated', at: awake(alert, addSeconds(openedAt, step.afterSeconds)) });
  return coming.reduce((first, one) => (one.at < first.at ? one : first));
}

export function afterTransition(alert: Alert, to: Transition, now: Instant): Alert {
  if (to === 'escalated') return { ...alert, escalated: alert.escalated + 1 };
  return { ...alert, state: to, closedAt: now };
}

/** `first`: nobody has been told. `state`, `count`: what has changed since. `escalation`: further people are told. */
export type Telling =
  | { readonly kind: 'first' | 'state' | 'count'; readonly at: Instant }
  | { readonly kind: 'escalation'; readonly step: number; readonly at: Instant };

/** What is to be told, and when; `null`: nothing. */
export function pending(alert: Alert): Telling | null {
  const telling = wanted(alert);
  if (telling === null) return null;
  const again = alert.told.again ?? telling.at;
  return { ...telling, at: awake(alert, Math.max(telling.at, again) as Instant) };
}

function wanted(alert: Alert): Telling | null {
  const { told, state, repeatedAt } = alert;
  if (isOver(state) && alert.isOnce) return null;
  // What has recovered before anybody could be told is told once it may be; what was closed, nobody asks for.
  const isIdle = isOver(state) && (state === 'closed' || told.failures >= TRIES_MAX);
  if (!told.isTold) return isIdle ? null : { kind: 'first', at: alert.openedAt };
  if (alert.escalated > told.steps && !isOver(state))
    return { kind: 'escalation', step: told.steps, at: alert.openedAt };
  if (told.state !== state && tellsState(alert)) return { kind: 'state', at: repeatedAt };
  return alert.count > told.count && !isOver(state) ? { kind: 'count', at: countAt(alert) } : null;
}

/** Of one that is closed because it was not repeated, everybody who looks can see it; no further message says so. */
function tellsState({ told, state, count }: Alert): boolean {
  if (state === 'recovered') return true;
  if (state === 'closed') return told.can === 'edit' || count > told.count;
  return told.can !== 'nothing';
}

function countAt({ told, openedAt, count }: Alert): Instant {
  const ageSeconds = Math.max(0, secondsBetween(openedAt, told.at));
  if (told.can === 'edit') {
    const { min, max, shareOfAge } = EDIT_SECONDS;
    return addSeconds(told.at, Math.min(max, Math.max(min, ageSeconds * shareOfAge)));
  }
  if (told.can === 'reply' && magnitude(count) > magnitude(told.count)) return addSeconds(told.at, REPLY_SECONDS_MIN);
  return addSeconds(told.at, Math.max(REPEATS_SECONDS, ageSeconds));
}

/** Grows at the 2nd, 10th, 100th, … */
function magnitude(count: number): number {
  return count < 2 ? 0 : 1 + Math.floor(Math.log10(count) + 1e-9);
}

/** The same time, or later: when it is neither snoozed nor quiet. */
export function awake({ snoozedUntil, severity, options }: Alert, at: Instant): Instant {
  const awoken = snoozedUntil === null ? at : (Math.max(at, snoozedUntil) as Instant);
  return severity === 'critical' ? awoken : afterQuiet(options.quiet, options.timeZone, awoken);
}

/** When somebody has to look at it; `null`: it is over, and all of it is told. */
export function dueAt(alert: Alert): Instant | null {
  const times = [nextTransition(alert)?.at, pending(alert)?.at].filter((at) => at !== undefined);
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

/** What became of a message; `again`: seconds that the service asks to wait, where it says so. */
export type Outcome =
  | { readonly isTaken: true; readonly handle: string | null; readonly can: AlertTold['can'] }
  | { readonly isTaken: false; readonly again: number | null; readonly isHopeless: boolean };

export interface Telt {
  readonly telling: Telling;
  /** As it was told, which it may no longer be. */
  readonly as: Pick<Alert, 'count' | 'state'>;
  readonly outcome: Outcome;
  readonly receipt: string;
  readonly now: Instant;
}

export function afterTelling(alert: Alert, { telling, as, outcome, receipt, now }: Telt): Alert {
  const { told } = alert;
  const taken = outcome.isTaken;
  const failures = taken ? 0 : told.failures + 1;
  const isGivenUp = !taken && telling.kind !== 'first' && (outcome.isHopeless || failures >= TRIES_MAX);
  if (alert.isOnce && (taken || failures >= ONCE_TRIES_MAX))
    return {
      ...alert,
      state: 'closed',
      closedAt: now,
      told: { ...told, isTold: taken, at: now, again: null, receipt },
    };
  if (!taken && !isGivenUp) {
    const { min, max } = AGAIN_SECONDS;
    const usual = outcome.isHopeless ? max : min * 2 ** Math.min(failures - 1, 16);
    const seconds = Math.min(max, Math.max(outcome.again ?? usual, min));
    return { ...alert, told: { ...told, failures, again: addSeconds(now, seconds), receipt } };
  }
  const settled: AlertTold = { ...told, failures: 0, again: null, receipt, messages: told.messages + 1 };
  if (telling.kind === 'escalation') return { ...alert, told: { ...settled, steps: telling.step + 1 } };
  return {
    ...alert,
    told: {
      ...settled,
      at: now,
      count: as.count,
      state: as.state,
      ...(outcome.isTaken && telling.kind === 'first'
        ? { isTold: true, handle: outcome.handle, can: outcome.handle === null ? 'nothing' : outcome.can }
        : {}),
    },
  };
}
