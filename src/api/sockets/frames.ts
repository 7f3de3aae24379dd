/** Reads the frames of a socket, one after the other. */

import type { RawData, WebSocket } from 'ws';

import { parseBounded } from '../../contract/json-bounds.ts';

/** RFC 6455, section 7.4.1. */
export const PROTOCOL_ERROR = 1002;
export const POLICY_VIOLATION = 1008;
/** Prefect's own: a task worker did not follow its protocol. */
export const SUBSCRIPTION_VIOLATION = 4001;

/** Frames that are buffered; then the network holds the sender back. */
const WAITING_FRAMES_MAX = 64;
/** Frames read in one turn of the event loop: a client that sends thousands of tiny ones must not block others. */
const FRAMES_A_TURN = 50;
/** Frames that are buffered before the client has authenticated. */
const STRANGERS_FRAMES_MAX = 1;
/** Values in a frame; a subscription is a filter or a list of keys. */
const FRAME_VALUES_MAX = 20_000;
/** The protocol allows 123 bytes. */
const REASON_CHARACTERS_MAX = 100;

export type Message = Readonly<Record<string, unknown>>;

export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  // Reasons repeat what clients sent: only ASCII is sure to fit.
  // A paused socket would not receive the answer to its close frame.
  if (socket.isPaused) socket.resume();
  socket.close(code, reason.slice(0, REASON_CHARACTERS_MAX).replaceAll(/[^\x20-\x7e]/g, '?'));
}

/** Text frames in their order. Binary frames are no part of the protocol and close the socket. */
export class Frames {
  readonly #socket: WebSocket;
  /** Texts, and pings between them. */
  readonly #waiting: (string | Buffer)[] = [];
  #reader: ((text: string | null) => void) | null = null;
  #isOver = false;
  #waitingMax: number;
  #leftThisTurn = FRAMES_A_TURN;
  /** The ping to answer next: of several, the last one is answered for all (RFC 6455, 5.5.3). */
  #ping: Buffer | null = null;
  /** Resolves when everything before a ping is done; the ping is answered then. */
  settled: () => Promise<unknown> = () => Promise.resolve();

  /** @param isStranger whether the first frame must authenticate: the next one is only read after {@link welcome} */
  constructor(socket: WebSocket, isStranger = false) {
    this.#socket = socket;
    this.#waitingMax = isStranger ? STRANGERS_FRAMES_MAX : WAITING_FRAMES_MAX;
    socket.on('ping', (data: Buffer) => {
      if (typeof this.#waiting.at(-1) === 'object') this.#waiting[this.#waiting.length - 1] = data;
      else if (this.#waiting.length > 0) this.#waiting.push(data);
      // In this turn the reader finishes the frame that it was given.
      else this.#answerSoon(data);
    });
    socket.on('message', (data, isBinary) => this.#take(data, isBinary));
    socket.on('close', () => {
      this.#isOver = true;
      this.#reader?.(null);
    });
  }

  welcome(): void {
    this.#waitingMax = WAITING_FRAMES_MAX;
    if (this.#socket.isPaused) this.#socket.resume();
  }

  /** The next frame; `null` when the socket is closed. */
  async next(): Promise<string | null> {
    if (this.#leftThisTurn === 0) await this.#turn();
    const text = this.nextOfWaiting();
    if (text !== null || this.#isOver) return text;
    return new Promise((resolve) => {
      this.#reader = (found) => {
        this.#reader = null;
        resolve(found);
      };
    });
  }

  /**
   * The next buffered frame; `null` when there is none, or others are to be served first. A promise for each of
   * thousands costs as much as reading it.
   */
  nextOfWaiting(): string | null {
    if (this.#leftThisTurn === 0) return null;
    for (let first = this.#waiting.shift(); first !== undefined; first = this.#waiting.shift()) {
      if (this.#waiting.length < WAITING_FRAMES_MAX / 2 && this.#socket.isPaused) this.#socket.resume();
      if (typeof first === 'string') {
        this.#leftThisTurn -= 1;
        return first;
      }
      this.#answerPing(first);
    }
    return null;
  }

  /** The next frame as a JSON object; `null` when the socket is closed. A frame that is no JSON object closes it. */
  async nextJson(): Promise<Message | null> {
    const text = await this.next();
    if (text === null) return null;
    const message = jsonObject(text);
    if (message === null) closeSocket(this.#socket, PROTOCOL_ERROR, 'Expected a JSON object');
    return message;
  }

  #turn(): Promise<void> {
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#leftThisTurn = FRAMES_A_TURN;
        resolve();
      }),
    );
  }

  #answerSoon(data: Buffer): void {
    const isPlanned = this.#ping !== null;
    this.#ping = data;
    if (isPlanned) return;
    setImmediate(() => {
      const ping = this.#ping as Buffer;
      this.#ping = null;
      this.#answerPing(ping);
    });
  }

  #answerPing(data: Buffer): void {
    void this.settled().then(() => {
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.pong(data);
    });
  }

  #take(data: RawData, isBinary: boolean): void {
    if (isBinary) return closeSocket(this.#socket, 1003, 'Expected text');
    // A closing socket may still deliver frames.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const text = (data as Buffer).toString('utf8');
    if (this.#reader) {
      this.#leftThisTurn -= 1;
      this.#reader(text);
    } else this.#waiting.push(text);
    if (this.#waiting.length >= this.#waitingMax) this.#socket.pause();
  }
}

/** `null`: no JSON object, or one beyond its bounds. */
export function jsonObject(text: string): Message | null {
  try {
    const value = parseBounded(text, FRAME_VALUES_MAX);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Message) : null;
  } catch {
    return null;
  }
}
