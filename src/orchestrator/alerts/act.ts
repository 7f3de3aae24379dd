/**
 * An alert that is due: what it has become is written, then what is to be told is told.
 *
 * Whoever acts on one has a lease on it, with the attempt's number as its fence: a server that is held up for longer
 * writes nothing. What was folded in meanwhile stays, and is told next time.
 */

import type { Alert, AlertTold } from '../../core/alerts/alert.ts';
import { escalation, followUp, standing } from '../../core/alerts/message.ts';
import {
  afterTelling,
  afterTransition,
  dueAt,
  nextTransition,
  pending,
  type Outcome,
  type Telling,
} from '../../core/alerts/progress.ts';
import { receiptText } from '../../core/action-receipt.ts';
import { exactValue } from '../../core/json-value.ts';
import type { Channel, Delivery } from '../../core/notifications/channel.ts';
import type { AlertChange, FoundAlert, TakenAlert } from '../../store/port/alerts.ts';
import { readAutomation, readEvent } from '../automation-actions/act.ts';
import { ActionDelayed, ActionRefused, type Acting, type Action } from '../automation-actions/acting.ts';
import { masked } from '../automation-actions/masking.ts';
import { renderedNotice } from '../automation-actions/open-channel.ts';
import type { ActingPorts } from '../automation-actions/ports.ts';
import { alertEvent } from './events.ts';
import { acknowledgeUrl } from './links.ts';
import { openRecipients } from './recipients.ts';
import { abilityOf, handleOf } from './tell.ts';

/** Changes of one alert that are caught up with at once: a server was away for long. */
const TRANSITIONS_MAX = 20;

export async function actOnAlert(ports: ActingPorts, { alert: taken, attempt }: TakenAlert): Promise<void> {
  let alert: Alert | null = taken;
  for (let round = 0; round < TRANSITIONS_MAX && alert !== null; round += 1) {
    const transition = nextTransition(alert);
    if (transition === null || transition.at > ports.clock.now()) break;
    alert = await move(ports, alert, attempt);
  }
  if (alert === null) return;
  const telling = pending(alert);
  if (telling === null || telling.at > ports.clock.now()) return await letGo(ports, alert, attempt, (found) => found);
  await tell(ports, alert, attempt, telling);
}

/** Of a lease that another has taken over, nothing is written: `null`. */
async function ifHeld<T>(
  { storage }: ActingPorts,
  { id }: Alert,
  attempt: number,
  change: (found: FoundAlert) => AlertChange<T>,
): Promise<T | null> {
  const changed = await storage.changeAlert<T | null>({ id }, (found) =>
    found === null || found.attempt !== attempt ? { answer: null } : change(found),
  );
  return changed === null ? null : changed.answer;
}

function move(ports: ActingPorts, alert: Alert, attempt: number): Promise<Alert | null> {
  const { ids, clock } = ports;
  return ifHeld(ports, alert, attempt, (found) => {
    const now = clock.now();
    const next = nextTransition(found.alert);
    if (next === null || next.at > now) return { answer: found.alert };
    const moved = afterTransition(found.alert, next.to, now);
    return { alert: moved, dueAt: found.leasedUntil, events: [alertEvent(ids, moved, next.to, now)], answer: moved };
  });
}

async function letGo(ports: ActingPorts, alert: Alert, attempt: number, after: (found: Alert) => Alert): Promise<void> {
  await ifHeld(ports, alert, attempt, (found) => {
    const changed = after(found.alert);
    const isClosed = found.alert.closedAt === null && changed.closedAt !== null;
    const events = isClosed ? [alertEvent(ports.ids, changed, 'closed', ports.clock.now())] : [];
    return { alert: changed, dueAt: dueAt(changed), leasedUntil: null, events, answer: null };
  });
}

async function tell(ports: ActingPorts, alert: Alert, attempt: number, telling: Telling): Promise<void> {
  const automation = await readAutomation(ports, { firing: alert.firing });
  const now = ports.clock.now();
  if (automation === null && alert.message === null)
    // Nobody knows any more how it was to be told.
    return await letGo(ports, alert, attempt, (found) => ({
      ...found,
      state: 'closed',
      closedAt: found.closedAt ?? now,
    }));
  const action = exactValue(alert.action) as Action;
  const acting: Acting = {
    order: { id: alert.orderId, firing: alert.firing, index: 0, action: alert.action },
    attempt,
    automation: automation ?? { ...NOBODY, id: alert.automationId, name: alert.automations[0] ?? '' },
    action,
    event: await readEvent(ports, { firing: alert.firing }),
    told: { details: {}, related: [], secrets: [] },
  };
  const told = await attemptOf(ports, acting, alert, telling);
  const receipt = receiptText(masked(told.receipt, acting.told.secrets));
  await letGo(ports, alert, attempt, (found) =>
    afterTelling(
      { ...found, message: found.message ?? told.message },
      { telling, as: alert, outcome: told.outcome, receipt, now: ports.clock.now() },
    ),
  );
}

const NOBODY = {
  description: '',
  isEnabled: false,
  tags: [],
  trigger: '{"type":"event"}',
  actions: { always: '[]', onTrigger: '[]', onResolve: '[]' },
  createdAt: 0 as Alert['openedAt'],
  updatedAt: 0 as Alert['openedAt'],
};

function stepOf({ options }: Alert, step: number): string {
  return options.escalation[step]?.channel ?? '';
}

/** A digest says what it has gathered. */
const NOTHING_RENDERED = { subject: '', body: '' };

interface Attempted {
  readonly outcome: Outcome;
  readonly receipt: string;
  readonly message: Alert['message'];
}

async function attemptOf(ports: ActingPorts, acting: Acting, alert: Alert, telling: Telling): Promise<Attempted> {
  let message = alert.message;
  try {
    const to = telling.kind === 'escalation' ? stepOf(alert, telling.step) : alert.channel;
    const channel = await openRecipients(ports, acting, to);
    message ??= alert.digest === null ? await renderedNotice(ports, acting) : NOTHING_RENDERED;
    const { delivery, handle } = await deliver(ports, channel, { ...alert, message }, telling);
    return { outcome: outcomeOf(delivery, handle, abilityOf(channel)), receipt: delivery.receipt, message };
  } catch (error) {
    const receipt = error instanceof Error ? error.message : String(error);
    const again = error instanceof ActionDelayed ? error.afterSeconds : null;
    return { outcome: { isTaken: false, again, isHopeless: error instanceof ActionRefused }, receipt, message };
  }
}

function outcomeOf(delivery: Delivery, handle: string | null, can: AlertTold['can']): Outcome {
  if (delivery.outcome === 'delayed') return { isTaken: false, again: delivery.afterSeconds, isHopeless: false };
  if (delivery.outcome === 'refused') return { isTaken: false, again: null, isHopeless: true };
  return { isTaken: true, handle, can };
}

type Worded = Alert & { readonly message: NonNullable<Alert['message']> };

/** Edits the message that stands there, replies to it, or sends one. */
async function deliver(
  ports: ActingPorts,
  channel: Channel,
  alert: Worded,
  { kind }: Telling,
): Promise<{ readonly delivery: Delivery; readonly handle: string | null }> {
  const { message, told } = alert;
  const url = acknowledgeUrl(ports, alert);
  // The same as long as nothing further was taken: a receiver that heard it before the server died can tell.
  const context = { idempotencyKey: kind === 'first' ? alert.orderId : `${alert.id}-${told.messages}` };
  if (kind === 'first') {
    const delivery = await channel.send(standing(alert, message, url), context);
    return { delivery, handle: handleOf(delivery) };
  }
  if (kind === 'escalation') {
    const notification = escalation(alert, message, url, ports.clock.now());
    return { delivery: await channel.send(notification, context), handle: told.handle };
  }
  const { handle } = told;
  const isThere = handle !== null;
  if (isThere && told.can === 'edit' && channel.edit !== undefined)
    return { delivery: await channel.edit(handle, standing(alert, message, url), context), handle };
  const further = followUp(alert, message, url);
  if (isThere && told.can === 'reply' && channel.reply !== undefined)
    return { delivery: await channel.reply(handle, further, context), handle };
  return { delivery: await channel.send(further, context), handle };
}
