/** What a socket that streams out needs of a live feed, and how it hands items on without filling the memory. */

import type { WebSocket } from 'ws';

import { closeSocket } from './frames.ts';

export interface Subscriber<Item> {
  /** Subscribers with equal keys want the same items. */
  readonly key: string;
  wants(item: Item): boolean;
  isReady(): boolean;
  take(items: readonly Item[]): void;
  drop(reason: string): void;
}

export interface Feed<Item> {
  /** @returns the last row that the subscriber will not hear of, and how it leaves */
  subscribe(subscriber: Subscriber<Item>): Promise<{ readonly seq: number; readonly leave: () => void }>;
}

/** Bytes that wait for a socket before it is passed over. A page of items may come on top. */
const WAITING_BYTES_MAX = 256 * 1024;
/** "Try again later": what clients connect again after. */
const TRY_AGAIN = 1013;

export function isWritable(socket: WebSocket): boolean {
  return socket.readyState === socket.OPEN && socket.bufferedAmount < WAITING_BYTES_MAX;
}

export function dropSocket(socket: WebSocket, reason: string): void {
  closeSocket(socket, TRY_AGAIN, reason);
  // It does not read: the close frame may never get through.
  socket.terminate();
}

/** Items are turned into text once, however many sockets they go to. */
export function textOnce<Item extends object>(encode: (item: Item) => string): (item: Item) => string {
  const texts = new WeakMap<Item, string>();
  return (item) => {
    let text = texts.get(item);
    if (text === undefined) texts.set(item, (text = encode(item)));
    return text;
  };
}
