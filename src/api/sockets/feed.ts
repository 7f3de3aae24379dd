/** What a streaming socket needs of a live feed, and how it sends items in bounded memory. */

import type { WebSocket } from 'ws';

import { readPosition } from '../../contract/feed-position.ts';
import type { FeedPosition } from '../../core/feed-position.ts';
import { closeSocket, type Message } from './frames.ts';

export interface Subscriber<Item> {
  /** Subscribers with equal keys want the same items. */
  readonly key: string;
  wants(item: Item): boolean;
  isReady(): boolean;
  take(items: readonly Item[]): void;
  drop(reason: string): void;
}

export interface Feed<Item> {
  /**
   * @param after the client's position; `null`: none
   * @returns the last row that it will not get, whether that is `after`, and a function that ends the subscription
   */
  subscribe(
    subscriber: Subscriber<Item>,
    after: FeedPosition | null,
  ): Promise<{ readonly seq: number; readonly isResumed: boolean; readonly leave: () => void }>;
  /** Call when a subscriber can take more than before. */
  wake(): void;
}

/** What a reconnecting client sends besides its filter: the position of its last frame. */
export interface Resumption {
  /** `null`: it sent none, or an invalid one. */
  readonly after: FeedPosition | null;
  /** Tells the client, if it sent a position, whether everything that it missed follows. */
  tell(isResumed: boolean): void;
}

export function resumption(socket: WebSocket, { after }: Message): Resumption {
  const isAsked = after !== undefined && after !== null;
  return {
    after: isAsked ? readPosition(after) : null,
    tell(isComplete) {
      if (isAsked) socket.send(JSON.stringify({ type: 'resumed', complete: isComplete }));
    },
  };
}

/** Bytes in the send buffer from which a socket is skipped. A page of items may come on top. */
const WAITING_BYTES_MAX = 256 * 1024;
/** "Try again later": what clients connect again after. */
const TRY_AGAIN = 1013;

export function isWritable(socket: WebSocket): boolean {
  return socket.readyState === socket.OPEN && socket.bufferedAmount < WAITING_BYTES_MAX;
}

export function dropSocket(socket: WebSocket, reason: string): void {
  closeSocket(socket, TRY_AGAIN, reason);
  // The client does not read, so the close frame may never arrive.
  socket.terminate();
}

/** Encodes each item once, however many sockets it goes to. */
export function textOnce<Item extends object>(encode: (item: Item) => string): (item: Item) => string {
  const texts = new WeakMap<Item, string>();
  return (item) => {
    let text = texts.get(item);
    if (text === undefined) texts.set(item, (text = encode(item)));
    return text;
  };
}
