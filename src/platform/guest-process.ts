/**
 * Runs untrusted input (schemas, templates) in a child process that can be ended, one job after the other.
 *
 * 1. A job that takes too much time of the processor, or too much memory, ends with its process; the next one starts
 *    another.
 * 2. A thread would not do: V8 ends the whole program when a thread asks for one large piece above its bound (a text of
 *    500 MB).
 * 3. The process starts with the first job and goes when there was none for a while: most servers never see one.
 */

import { readFileSync } from 'node:fs';

import { OstinatoError } from '../core/errors.ts';
import type { Isolate, IsolateHost } from '../core/isolate.ts';
import { useOfProcess } from './process-use.ts';

export interface GuestLimits {
  /** Of the processor, for one job: a busy machine is no fault of what is checked. Where the system tells (Linux). */
  readonly milliseconds: number;
  /** Of the clock, for one job: one that waits for ever, or of which no system tells what it takes. */
  readonly clockMilliseconds: number;
  /** Of the whole process, where the system tells (Linux). */
  readonly bytes: number;
  /** Jobs that wait; more are refused with `server-unavailable`. */
  readonly waiting: number;
  readonly idleMilliseconds: number;
  /** Of the clock, until it is loaded: a second at worst, longer on a machine that is busy. */
  readonly startMilliseconds: number;
}

export const GUEST_LIMITS: GuestLimits = {
  milliseconds: 5_000,
  clockMilliseconds: 60_000,
  bytes: 256 * 1024 * 1024,
  waiting: 32,
  idleMilliseconds: 60_000,
  startMilliseconds: 30_000,
};

/** Of the JavaScript heap: beyond it the process aborts, on every system. */
export const GUEST_HEAP_MB = 128;
const LOOK_MS = 25;
const PAGE_BYTES = 4096;

/** Messages of the process. */
export type GuestMessage<Answer> =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'failure'; readonly message: string };

/** How a job without an answer ended: a part of a sentence. */
export type GuestOutcome<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly why: string };

interface Waiting<Job, Answer> {
  readonly job: Job;
  readonly resolve: (outcome: GuestOutcome<Answer>) => void;
  readonly reject: (error: OstinatoError) => void;
}

/** That says nothing of the job: who has asked asks again. */
function unavailable(why: string): OstinatoError {
  return new OstinatoError('server-unavailable', `It cannot be checked now: ${why}.`, {
    remedy: 'Try again in a moment.',
  });
}

export class GuestProcess<Job, Answer> {
  readonly #host: IsolateHost;
  readonly #limits: GuestLimits;
  readonly #waiting: Waiting<Job, Answer>[] = [];
  #running: Waiting<Job, Answer> | null = null;
  #isolate: Isolate | null = null;
  #isReady = false;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(host: IsolateHost, limits: GuestLimits = GUEST_LIMITS) {
    this.#host = host;
    this.#limits = limits;
  }

  /** @throws `server-unavailable` when too many wait, its process does not start, or the server closes */
  run(job: Job): Promise<GuestOutcome<Answer>> {
    if (this.#waiting.length >= this.#limits.waiting) {
      throw new OstinatoError('server-unavailable', `The server has ${this.#limits.waiting} inputs to check already.`, {
        remedy: 'Try again in a moment.',
      });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    const isolate = this.#isolate;
    const closes = unavailable('the server closes');
    for (const { reject } of this.#waiting.splice(0)) reject(closes);
    this.#isolate = null;
    this.#giveUp(closes);
    await isolate?.terminate();
  }

  #next(): void {
    if (this.#running !== null) return;
    const next = this.#waiting.shift();
    if (next === undefined) return this.#rest();
    this.#running = next;
    this.#disarm();
    this.#timer = setTimeout(() => this.#notStarted(), this.#limits.startMilliseconds);
    if (this.#isolate === null) this.#start();
    else if (this.#isReady) this.#send();
  }

  #send(): void {
    const { milliseconds, clockMilliseconds, bytes } = this.#limits;
    const pid = this.#isolate?.pid ?? null;
    this.#arm(clockMilliseconds, `it took longer than ${clockMilliseconds / 1000} s`);
    const before = processorMsOf(pid);
    this.#look = setInterval(() => {
      if (memoryOf(pid) > bytes) this.#end(`it took more than ${Math.round(bytes / 1024 / 1024)} MB of memory`);
      else if (processorMsOf(pid) - before > milliseconds)
        this.#end(`it took longer than ${milliseconds / 1000} s of the processor`);
    }, LOOK_MS);
    this.#isolate?.post(this.#running?.job);
  }

  #start(): void {
    const isolate = this.#host.spawn('process');
    this.#isolate = isolate;
    this.#isReady = false;
    isolate.unref();
    isolate.onMessage((message) => {
      if (this.#isolate === isolate) this.#hear(message as GuestMessage<Answer>);
    });
    isolate.onExit((why) => {
      // V8 aborts when the heap is full.
      if (this.#isolate === isolate)
        this.#end(/SIGABRT|134/.test(why) ? 'it took too much memory' : `its process ended (${why})`);
    });
  }

  #hear(message: GuestMessage<Answer>): void {
    if (message.type === 'ready') {
      this.#isReady = true;
      if (this.#running !== null) this.#send();
    } else
      this.#settle(
        message.type === 'answer' ? { ok: true, answer: message.answer } : { ok: false, why: message.message },
      );
  }

  #settle(outcome: GuestOutcome<Answer>): void {
    this.#disarm();
    const running = this.#running;
    this.#running = null;
    running?.resolve(outcome);
    this.#next();
  }

  /** On a machine that is busy it may the next time. */
  #notStarted(): void {
    const isolate = this.#isolate;
    this.#isolate = null;
    void isolate?.terminate();
    this.#giveUp(unavailable('its process did not start'));
  }

  #giveUp(error: OstinatoError): void {
    this.#disarm();
    const running = this.#running;
    this.#running = null;
    running?.reject(error);
    this.#next();
  }

  #end(why: string): void {
    const isolate = this.#isolate;
    this.#isolate = null;
    void isolate?.terminate();
    this.#settle({ ok: false, why });
  }

  /** No job waits: the process stays alive for a while. */
  #rest(): void {
    if (this.#isolate === null) return;
    const timer = setTimeout(() => {
      const isolate = this.#isolate;
      this.#isolate = null;
      void isolate?.terminate();
    }, this.#limits.idleMilliseconds);
    timer.unref();
    this.#timer = timer;
  }

  #arm(milliseconds: number, why: string): void {
    this.#disarm();
    this.#timer = setTimeout(() => this.#end(why), milliseconds);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#look);
  }
}

/** 0 where the system does not tell. */
function processorMsOf(pid: number | null): number {
  return pid === null ? 0 : (useOfProcess(pid)?.cpuSeconds ?? 0) * 1000;
}

/** 0 where the system does not tell. */
function memoryOf(pid: number | null): number {
  try {
    return pid === null ? 0 : Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
