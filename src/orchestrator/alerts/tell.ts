/**
 * A notification whose cause is known: the first one opens an alert and tells it, the others are folded into it.
 *
 * 1. An order is folded in the transaction that ends it: once, however often it is begun.
 * 2. The order that opens an alert tells it. It may be tried again, and lost at last; then the alert tells itself, if
 *    others were folded into it meanwhile (`act.ts`), else it is closed: the next one opens another.
 */

import type { Alert, AlertId } from '../../core/alerts/alert.ts';
import { AFFECTED_MAX, type AlertTold } from '../../core/alerts/alert.ts';
import { standing } from '../../core/alerts/message.ts';
import { alertOptionsOf, type AlertOptions, type WireAlertOptions } from '../../core/alerts/options.ts';
import { causeKey } from '../../core/alerts/cause.ts';
import { nextDigestAt, withEntry } from '../../core/alerts/digest.ts';
import { afterQuiet } from '../../core/alerts/quiet-hours.ts';
import { afterTelling, awake, dueAt, repeated, untoldAt } from '../../core/alerts/progress.ts';
import { assert } from '../../core/errors.ts';
import type { Channel, Delivery } from '../../core/notifications/channel.ts';
import { addSeconds, formatInstant, type Instant } from '../../core/time.ts';
import type { AlertChange, AlertMark, FoundAlert } from '../../store/port/alerts.ts';
import type { ActionOutcome } from '../../store/port/automation-actions.ts';
import type { Acting, CommitAttempt } from '../automation-actions/acting.ts';
import { receiptOf, renderedNotice } from '../automation-actions/open-channel.ts';
import type { ActingPorts } from '../automation-actions/ports.ts';
import { rendered } from '../automation-actions/templates.ts';
import { alertEvent } from './events.ts';
import { acknowledgeUrl } from './links.ts';
import { affectedBy, occasionOf, ownOccasion, type Occasion } from './occasion.ts';
import { openRecipients, recipientsOf, scopeOf } from './recipients.ts';

/** A first message that was refused is tried again then, when others were folded into its alert. */
const UNTOLD_SECONDS = 600;

/** Answers what was done; `null`: it is to be sent by itself. @throws ActionRefused, ActionDelayed */
export async function tellByAlert(ports: ActingPorts, acting: Acting, options: AlertOptions): Promise<string | null> {
  const now = ports.clock.now();
  const occasion = await occasionFor(ports, acting, options, now);
  if (occasion === null) return null;
  const place = placeOf(acting, options, occasion);
  // Nearly all find one: to read is cheaper than to be about to open one.
  const alert =
    (await ports.storage.findOpenAlert(place.key.marks)) ??
    (await openAlert(ports, acting, { options, occasion, place }));
  if (alert.orderId !== acting.order.id || alert.told.isTold) {
    acting.told.commit = foldedBy(ports, acting, { occasion, place, id: alert.id });
    return `It was folded into the alert ${alert.id}.`;
  }
  const waitsUntil = waiting(alert, now);
  if (waitsUntil > now) return `The alert ${alert.id} tells it at ${formatInstant(waitsUntil)}.`;
  return await tellFirst(ports, acting, alert);
}

/** Opens it, unless another has done so meanwhile: answers the one that is open. */
async function openAlert(ports: ActingPorts, acting: Acting, opening: Opening): Promise<Alert> {
  const changed = await ports.storage.changeAlert<Alert>(opening.place.key, (there) =>
    there === null ? opened(ports, acting, opening) : { answer: there.alert },
  );
  assert(changed !== null, 'no attempt was to be ended');
  return changed.answer;
}

/** With plain numbers. */
export function optionsOf({ order }: Pick<Acting, 'order'>): AlertOptions {
  const { alert } = JSON.parse(order.action) as { readonly alert?: WireAlertOptions | null };
  return alertOptionsOf(alert);
}

/** What an alert is opened for. */
interface AlertOccasion extends Occasion {
  /** `digest`: told together with others. `once`: told when it is not quiet any more. */
  readonly form: 'cause' | 'digest' | 'once';
}

async function occasionFor(
  ports: ActingPorts,
  acting: Acting,
  options: AlertOptions,
  now: Instant,
): Promise<AlertOccasion | null> {
  const { event, order, automation } = acting;
  // What is told of alerts opens none: that would have no end.
  if (event?.name.startsWith('ostinato.alert.') === true) return null;
  const occasion = options.folds === false ? null : await foldedOccasion(ports, acting, options);
  const severity = options.severity ?? occasion?.severity ?? 'info';
  const isCritical = severity === 'critical';
  const alone = { severity, affected: event === null ? null : affectedBy(event), isByAffected: false, watches: [] };
  const words = occasion?.cause.words ?? event?.name ?? automation.name;
  if (options.digest !== null && !isCritical) {
    const cause = { words, keys: [causeKey('digest', automation.id, String(order.index))] };
    return { ...alone, affected: occasion?.affected ?? alone.affected, cause, form: 'digest' };
  }
  if (occasion !== null) return { ...occasion, severity, form: 'cause' };
  const isQuiet = !isCritical && afterQuiet(options.quiet, options.timeZone, now) > now;
  return isQuiet ? { ...alone, cause: { words, keys: [causeKey('order', order.id)] }, form: 'once' } : null;
}

async function foldedOccasion(ports: ActingPorts, acting: Acting, options: AlertOptions): Promise<Occasion | null> {
  if (options.cause === null) return await occasionOf(ports, acting);
  const [text = ''] = await rendered(ports, acting, [options.cause]);
  return await ownOccasion(ports, acting, text);
}

interface Place {
  readonly key: { readonly marks: readonly AlertMark[]; readonly hit: string | null };
  /** Of a new one. */
  readonly marks: readonly AlertMark[];
}

function placeOf({ action, event }: Acting, options: AlertOptions, occasion: AlertOccasion): Place {
  const { cause, affected, isByAffected, watches, form } = occasion;
  // Not by who is on call: what is open stays with whoever was told.
  const scope = `${form === 'cause' ? '' : `${form} `}${scopeOf(blockOf(action), options, event)}`;
  const hit: AlertMark | null = affected === null ? null : { kind: 'hit', name: `${scope} ${affected.id}` };
  const causes = cause.keys.map((key): AlertMark => ({ kind: 'cause', name: `${scope} ${key}` }));
  return {
    key: { marks: isByAffected && hit !== null ? [hit, ...causes] : causes, hit: hit?.name ?? null },
    marks: [...causes, ...(hit === null ? [] : [hit]), ...watches.map((name): AlertMark => ({ kind: 'watch', name }))],
  };
}

export function blockOf(action: Acting['action']): string {
  return String(action['block_document_id']);
}

interface Opening {
  readonly options: AlertOptions;
  readonly occasion: AlertOccasion;
  readonly place: Place;
}

/** When its first message may be sent. */
function waiting(alert: Alert, now: Instant): Instant {
  const { options, digest, openedAt } = alert;
  const { digest: times, timeZone } = options;
  return awake(alert, digest === null || times === null ? now : nextDigestAt(times, timeZone, openedAt));
}

function opened(
  { ids, clock, actions }: ActingPorts,
  { order, automation, action, event }: Acting,
  { options, occasion, place }: Opening,
): AlertChange<Alert> {
  const now = clock.now();
  const { cause, affected, severity, form } = occasion;
  const fresh: Alert = {
    id: ids.next<AlertId>(),
    channel: recipientsOf(blockOf(action), options, event, now),
    cause: cause.words,
    state: 'open',
    severity,
    isOnce: form !== 'cause',
    digest: form === 'digest' ? withEntry([], cause.words) : null,
    automationId: automation.id,
    automations: [automation.name],
    options,
    openedAt: now,
    count: 1,
    repeatedAt: now,
    affected: affected === null ? [] : [affected],
    affectedCount: affected === null ? 0 : 1,
    orderId: order.id,
    firing: order.firing,
    action: order.action,
    message: null,
    told: untoldAt(now),
    acknowledged: null,
    escalated: 0,
    snoozedUntil: null,
    healthySince: null,
    closedAt: null,
    secret: actions.links.newSecret(),
  };
  const waitsUntil = waiting(fresh, now);
  // Then it is not the order that tells it.
  const alert = waitsUntil > now ? { ...fresh, told: { ...fresh.told, again: waitsUntil } } : fresh;
  return {
    alert,
    dueAt: dueAt(alert),
    marks: place.marks,
    events: [alertEvent(ids, alert, 'opened', now)],
    answer: alert,
  };
}

interface Folding {
  readonly occasion: AlertOccasion;
  readonly place: Place;
  readonly id: AlertId;
}

function foldedBy(ports: ActingPorts, acting: Acting, { occasion, place, id }: Folding): CommitAttempt {
  const { storage, clock } = ports;
  const { order, attempt, automation } = acting;
  const { affected, severity, cause } = occasion;
  return async (outcome) => {
    const now = clock.now();
    const changed = await storage.changeAlert<boolean | 'again'>(place.key, (found) => {
      // It has ended meanwhile.
      if (found?.alert.id !== id) return { answer: 'again' };
      const isNewlyAffected = affected !== null && !found.isHit;
      const alert = repeated(found.alert, {
        at: now,
        severity,
        automation: automation.name,
        words: cause.words,
        affected,
        isNewlyAffected,
      });
      const isFull = found.alert.affectedCount >= AFFECTED_MAX;
      return {
        alert,
        dueAt: dueFor(found, alert, now),
        marks: place.marks.filter(({ kind }) => kind !== 'hit' || !isFull),
        markedAt: now,
        ends: { orderId: order.id, attempt, outcome },
        answer: true,
      };
    });
    return changed === null ? false : changed.answer;
  };
}

/** Whoever acts on it looks at it again at the end of what he does. */
export function dueFor({ leasedUntil }: FoundAlert, alert: Alert, now: Instant): Instant | null {
  return leasedUntil !== null && leasedUntil > now ? leasedUntil : dueAt(alert);
}

async function tellFirst(ports: ActingPorts, acting: Acting, alert: Alert): Promise<string> {
  const sent: Sent = { as: alert, message: null, told: null };
  acting.told.commit = toldBy(ports, acting, sent);
  const channel = await openRecipients(ports, acting, alert.channel);
  const message = await renderedNotice(ports, acting);
  sent.message = message;
  const notification = standing(alert, message, acknowledgeUrl(ports, alert));
  const delivery = await channel.send(notification, { idempotencyKey: acting.order.id });
  const receipt = receiptOf(acting, delivery);
  sent.told = { handle: handleOf(delivery), can: abilityOf(channel) };
  return receipt;
}

export function handleOf(delivery: Delivery): string | null {
  return 'handle' in delivery ? delivery.handle : null;
}

export function abilityOf({ edit, reply }: Channel): AlertTold['can'] {
  return edit !== undefined ? 'edit' : reply !== undefined ? 'reply' : 'nothing';
}

interface Sent {
  readonly as: Alert;
  message: Alert['message'];
  told: Pick<AlertTold, 'handle' | 'can'> | null;
}

function toldBy(ports: ActingPorts, { order, attempt }: Acting, sent: Sent): CommitAttempt {
  const { storage, clock, ids } = ports;
  return async (outcome) => {
    const now = clock.now();
    const changed = await storage.changeAlert({ id: sent.as.id }, (found): AlertChange<boolean> => {
      const ends = { orderId: order.id, attempt, outcome };
      if (found === null || found.alert.closedAt !== null) return { ends, answer: true };
      const alert = afterAttempt(found.alert, sent, outcome, now);
      const events = alert.closedAt === null ? [] : [alertEvent(ids, alert, 'closed', now)];
      return { alert, dueAt: dueFor(found, alert, now), events, ends, answer: true };
    });
    return changed !== null;
  };
}

function afterAttempt(alert: Alert, { as, message, told }: Sent, outcome: ActionOutcome, now: Instant): Alert {
  if (!('receipt' in outcome)) return { ...alert, told: { ...alert.told, receipt: outcome.problem } };
  const { status, text } = outcome.receipt;
  if (status === 'done' && told !== null) {
    const taken = { isTaken: true, ...told } as const;
    const telling = { kind: 'first', at: now } as const;
    return afterTelling({ ...alert, message }, { telling, as, outcome: taken, receipt: text, now });
  }
  const untold = { ...alert.told, receipt: text };
  if (alert.count === 1) return { ...alert, told: untold, state: 'closed', closedAt: now };
  return { ...alert, told: { ...untold, again: addSeconds(now, UNTOLD_SECONDS) } };
}
