/**
 * Acts for an automation: takes an order through one attempt.
 *
 * 1. An attempt ends in one transaction with its receipt and its events, or is due again at a time of its own. Where
 *    the server dies in between, the order's lease ends, and the next attempt finds done what this one did.
 * 2. Whatever goes wrong with one order is told with it, and stops no other.
 */

import { receiptText, type ActionReceipt, type TakenOrder } from '../../core/action-receipt.ts';
import type { ActionOrder } from '../../core/automation-firing.ts';
import type { Automation } from '../../core/automation.ts';
import { assert } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import { exactValue } from '../../core/json-value.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { ActionOutcome } from '../../store/port/automation-actions.ts';
import { ActionDelayed, ActionRefused, type Acting, type Action, type Told } from './acting.ts';
import { actionEvents } from './events.ts';
import { cancel, changeState, remove, resume, suspend } from './flow-runs.ts';
import { sendNotification } from './notification.ts';
import { switchAutomation, switchDeployment, switchPool, switchQueue, type Switch } from './pauses.ts';
import { masked, maskedAll } from './masking.ts';
import type { ActingPorts } from './ports.ts';
import { runDeploymentAction } from './run-deployment.ts';
import { callWebhook } from './webhook.ts';

/** Answers what was done, as a sentence. @throws ActionRefused, ActionDelayed; whatever else is tried again */
type Kind = (ports: ActingPorts, acting: Acting) => Promise<string>;

const paused =
  (change: Switch): Kind =>
  (ports, acting) =>
    change(ports, acting, true);
const resumed =
  (change: Switch): Kind =>
  (ports, acting) =>
    change(ports, acting, false);

const KINDS: Readonly<Record<string, Kind>> = {
  'do-nothing': () => Promise.resolve('Nothing was to be done.'),
  'run-deployment': runDeploymentAction,
  'pause-deployment': paused(switchDeployment),
  'resume-deployment': resumed(switchDeployment),
  'pause-work-pool': paused(switchPool),
  'resume-work-pool': resumed(switchPool),
  'pause-work-queue': paused(switchQueue),
  'resume-work-queue': resumed(switchQueue),
  'pause-automation': paused(switchAutomation),
  'resume-automation': resumed(switchAutomation),
  'change-flow-run-state': changeState,
  'cancel-flow-run': cancel,
  'suspend-flow-run': suspend,
  'resume-flow-run': resume,
  'delete-flow-run': remove,
  'call-webhook': callWebhook,
  'send-notification': sendNotification,
};

/** Seconds until the next attempt, after the first, the second, …; after the last one it is not tried again. */
const DELAYS_SECONDS = [1, 5, 30, 120, 600] as const;
export const ATTEMPTS_MAX = DELAYS_SECONDS.length + 1;
/** However long a receiver asks to wait. */
const DELAY_SECONDS_MAX = 3600;

/** What became of the attempt; `null`: another has taken the order meanwhile. */
export type ActAnswer = ActionReceipt | { readonly retryAt: Instant } | null;

/** What an action is about may change each time that it is about to end. */
const AGAIN_MAX = 10;

export async function actOn(ports: ActingPorts, { order, attempt }: TakenOrder): Promise<ActAnswer> {
  const automation = await readAutomation(ports, order);
  if (automation === null) {
    // Its name and its trigger, which events tell, are gone with it.
    const receipt = refused('The automation has been deleted.');
    const ended = { receipt, at: ports.clock.now(), events: [] };
    return (await ports.storage.endActionAttempt(order.id, attempt, ended)) ? receipt : null;
  }
  const event = await readEvent(ports, order);
  const action = exactValue(order.action) as Action;
  for (let round = 1; ; round += 1) {
    const acting: Acting = {
      order,
      attempt,
      automation,
      action,
      event,
      told: { details: {}, related: [], secrets: [] },
    };
    const ending = await endingOf(ports, acting);
    const { answer, outcome } = outcomeOf(ports, acting, ending);
    const { commit = (ended) => ports.storage.endActionAttempt(order.id, attempt, ended) } = acting.told;
    const isEnded = await commit(outcome);
    if (isEnded !== 'again') return isEnded ? answer : null;
    assert(round < AGAIN_MAX, 'an action comes to its end');
  }
}

function outcomeOf(
  ports: ActingPorts,
  { order, automation, action, event, told }: Acting,
  ending: Ending,
): { readonly answer: NonNullable<ActAnswer>; readonly outcome: ActionOutcome } {
  if ('retryAt' in ending)
    return { answer: ending, outcome: { ...ending, problem: receiptText(masked(ending.problem, told.secrets)) } };
  const receipt = { status: ending.status, text: receiptText(masked(ending.text, told.secrets)) };
  const reason = receipt.status === 'done' ? null : receiptText(masked(ending.reason ?? ending.text, told.secrets));
  const now = ports.clock.now();
  const details = maskedAll(told.details, told.secrets) as Told['details'];
  const seen = { related: told.related, details };
  const events = actionEvents(ports.ids, {
    order,
    automation,
    event,
    actionType: action.type,
    told: seen,
    reason,
    now,
  });
  return { answer: receipt, outcome: { receipt, at: now, events } };
}

/** `reason`: as events tell it, where the receipt says more. */
type Ending = (ActionReceipt & { readonly reason?: string }) | { readonly retryAt: Instant; readonly problem: string };

async function endingOf(ports: ActingPorts, acting: Acting): Promise<Ending> {
  const { action, attempt } = acting;
  const kind = Object.hasOwn(KINDS, action.type) ? KINDS[action.type] : undefined;
  if (kind === undefined) return refused(`There is no action of the type ${action.type}.`);
  if (attempt > ATTEMPTS_MAX)
    return { status: 'failed', text: `It was begun ${ATTEMPTS_MAX} times, and no server came to its end.` };
  try {
    return { status: 'done', text: await kind(ports, acting) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ActionRefused) return { ...refused(message), reason: error.reason };
    if (attempt === ATTEMPTS_MAX) return { status: 'failed', text: `It was tried ${attempt} times. ${message}` };
    const asked = error instanceof ActionDelayed ? error.afterSeconds : null;
    const usual = DELAYS_SECONDS[attempt - 1] ?? DELAY_SECONDS_MAX;
    const seconds = Math.min(asked ?? usual, DELAY_SECONDS_MAX);
    return { retryAt: addSeconds(ports.clock.now(), seconds), problem: message };
  }
}

function refused(text: string): ActionReceipt {
  return { status: 'refused', text };
}

export async function readAutomation(
  { storage }: ActingPorts,
  { firing }: Pick<ActionOrder, 'firing'>,
): Promise<Automation | null> {
  const where = { op: 'eq', field: 'id', value: firing.automationId } as const;
  const [found] = await storage.find('automation', { where, sort: [], limit: 1, offset: 0 });
  return found ?? null;
}

export async function readEvent(
  { storage }: ActingPorts,
  { firing }: Pick<ActionOrder, 'firing'>,
): Promise<Event | null> {
  if (firing.eventId === null) return null;
  const [found] = await storage.findEvents({
    filter: {
      since: 0 as Instant,
      until: Number.MAX_SAFE_INTEGER as Instant,
      where: { op: 'in', field: 'id', values: [firing.eventId] },
      isDistinct: false,
      order: 'desc',
    },
    limit: 1,
  });
  return found ?? null;
}
