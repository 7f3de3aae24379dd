/** An alert: what is told to the people of one channel about one cause, however often it makes something fail. */

import type { Firing } from '../automation-firing.ts';
import type { AutomationId } from '../automation.ts';
import type { Branded } from '../ids.ts';
import type { MessageHandle, Severity } from '../notifications/channel.ts';
import type { Instant } from '../time.ts';
import type { DigestEntry } from './digest.ts';
import type { AlertOptions } from './options.ts';

export type AlertId = Branded<'AlertId'>;

/**
 * `open`: nobody has taken it on. `acknowledged`: somebody has. `recovered`: what failed has succeeded since. `closed`:
 * somebody has closed it, or it has not been repeated for as long as its options say.
 */
export const ALERT_STATES = ['open', 'acknowledged', 'recovered', 'closed'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export function isOver(state: AlertState): boolean {
  return state === 'recovered' || state === 'closed';
}

/** As the message that stands there tells it. */
export interface AlertMessage {
  readonly subject: string;
  readonly body: string;
}

/** A resource that the cause has hit. */
export interface AffectedResource {
  /** For instance `prefect.flow-run.<id>`. */
  readonly id: string;
  readonly name: string;
}

/** Of affected resources that are told by name; their number is kept beside. */
export const AFFECTED_SHOWN = 20;
/** Affected resources by which an alert is found. */
export const AFFECTED_MAX = 1000;

export interface Alert {
  readonly id: AlertId;
  /** The ids of the blocks whose people are told, with commas between them. */
  readonly channel: string;
  /** In words, for instance `ValueError: no rows in <path> (task load)`. */
  readonly cause: string;
  readonly state: AlertState;
  readonly severity: Severity;
  /** Told once, and over then: a digest, or what was not folded and had to wait. */
  readonly isOnce: boolean;
  /** What is told together; `null`: it is about one cause. */
  readonly digest: readonly DigestEntry[] | null;
  /** By whose order it was opened: its text is told. */
  readonly automationId: AutomationId;
  /** Names of the automations that have ordered to tell of it. */
  readonly automations: readonly string[];
  readonly options: AlertOptions;
  readonly openedAt: Instant;
  /** How often it was ordered to be told, and when last. */
  readonly count: number;
  readonly repeatedAt: Instant;
  /** The newest ones. */
  readonly affected: readonly AffectedResource[];
  readonly affectedCount: number;
  /** The order that tells it, with what it needs to be told again. */
  readonly orderId: string;
  readonly firing: Firing;
  /** JSON. */
  readonly action: string;
  /** `null`: it is not rendered yet. */
  readonly message: AlertMessage | null;
  readonly told: AlertTold;
  readonly acknowledged: { readonly at: Instant; readonly by: string } | null;
  /** Of the steps of escalation, how many were taken. */
  readonly escalated: number;
  /** Nothing is told until then. */
  readonly snoozedUntil: Instant | null;
  /** All that it has hit has succeeded since then. */
  readonly healthySince: Instant | null;
  readonly closedAt: Instant | null;
  /** Signs the link by which it is acknowledged: 64 hexadecimal digits. */
  readonly secret: string;
}

/** What the channel has of it. */
export interface AlertTold {
  /** Whether its first message was taken. */
  readonly isTold: boolean;
  /** `null`: not yet, or the service names none. */
  readonly handle: MessageHandle | null;
  /** What the channel can do with a message that stands there. */
  readonly can: 'edit' | 'reply' | 'nothing';
  /** The count and the state that were told last, and when. */
  readonly count: number;
  readonly state: AlertState;
  readonly at: Instant;
  /** Of the steps of escalation that were taken, how many were told. */
  readonly steps: number;
  /** How many messages were taken, or given up. */
  readonly messages: number;
  /** How often in a row the last one was not taken; and when it is tried again. */
  readonly failures: number;
  readonly again: Instant | null;
  /** What became of the last one: a sentence without secrets. */
  readonly receipt: string;
}
