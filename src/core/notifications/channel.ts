/**
 * A channel tells people something: by chat, e-mail, pager or an address of their own. What a service answered is told
 * as it is: whoever reads a receipt knows whether anybody can have got the message.
 */

import type { WebAnswer } from '../web/send-request.ts';

export const SEVERITIES = ['info', 'success', 'warning', 'error', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Notification {
  /** Of what it is about: all that is told of one cause has the same. Pagers and mail programs put those together. */
  readonly key: string;
  /** Plain text of one line; may be empty. */
  readonly subject: string;
  readonly body: string;
  /** Of the body. Channels that know no Markdown send it as it is. */
  readonly format: 'plain' | 'markdown';
  /** Default: what the block says, or `info`. */
  readonly severity?: Severity;
  /** Shown below the body, or as buttons. */
  readonly links: readonly NotificationLink[];
  /** Whether its cause is over: pagers close what they opened. Default: false */
  readonly isResolved?: boolean;
}

export interface NotificationLink {
  readonly text: string;
  /** `http:` or `https:`. */
  readonly url: string;
}

export interface SendContext {
  /** The same each time that this one message is tried: a receiver may know by it that it has it already. */
  readonly idempotencyKey: string;
}

/** Where a message stands that was sent, as its channel knows it: to be kept as it is. At most 1,000 characters. */
export type MessageHandle = string;

/** What became of a message. `receipt`: a sentence for people; it may repeat secrets of the block: mask it. */
export type Delivery = {
  readonly receipt: string;
  /** The last answer of a service that speaks HTTP. */
  readonly answer?: WebAnswer;
} & (
  | {
      /** The service took it; `partial`: for some of the recipients. Neither is to be sent again. */
      readonly outcome: 'accepted' | 'partial';
      /** `null`: the service names none, so it can be neither edited nor replied to. */
      readonly handle: MessageHandle | null;
    }
  /** Waiting does not help: a wrong key, a channel that is gone, a block that says too little. */
  | { readonly outcome: 'refused' }
  | {
      /** It may be taken later: throttled, away, out of order. */
      readonly outcome: 'delayed';
      /** Seconds that the service asks to wait; `null`: it says nothing. */
      readonly afterSeconds: number | null;
    }
);

/** Says no by its answer, and throws nothing but what is a fault of this program. */
export interface Channel {
  /** As the block's type is called, for instance `slack-webhook`. */
  readonly kind: string;
  send(notification: Notification, context: SendContext): Promise<Delivery>;
  /** Puts this one in the place of the message. Missing where the service cannot. */
  readonly edit?: (handle: MessageHandle, notification: Notification, context: SendContext) => Promise<Delivery>;
  /** Says this below the message, in its thread. Missing where the service cannot. */
  readonly reply?: (handle: MessageHandle, notification: Notification, context: SendContext) => Promise<Delivery>;
}

/** A block that can notify. */
export interface ChannelBlock {
  /** Of its type. */
  readonly slug: string;
  /** Plain JSON, with its secrets. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Of a kind that nobody knows comes a channel that refuses, and says so. */
export type OpenChannel = (block: ChannelBlock) => Promise<Channel>;
