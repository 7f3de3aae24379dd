/**
 * A thread that receives signals when the main thread cannot, and notices when the whole process stood still.
 *
 * Node hands signals to JavaScript on the main thread only: a body that computes there keeps Ctrl-C and SIGTERM from
 * being heard, while a program without a handler would end at once. See docs/adr/027-a-watchdog-thread.md.
 *
 * 1. The main thread says of each signal that it has taken it (`taken`), and from the first one on that it still turns.
 *    What it takes is its own affair. One signal that it does not take ends the process after `GRACE_LOOKS`, a second
 *    one at once.
 * 2. Ended means: the main thread is interrupted in what it does and says its last words (`onForced`); then the signal
 *    has its ordinary effect. A thread that cannot be interrupted (a call into the system) is killed, and the watchdog
 *    writes the words.
 * 3. Time in which this thread did not run either was nobody's: the process was stopped, or the machine slept
 *    (`stoppedMs`).
 */

import { constants } from 'node:os';

const LOOK_MS = 250;
/** 5 s: less than the 10 s that `docker stop` waits before it kills. */
const GRACE_LOOKS = 20;
const TICK_MS = 500;
/** Milliseconds; a busy machine wakes a thread late, so only longer gaps count as time in which nothing ran. */
const LATE_MS = 1_000;
/** Milliseconds that the main thread may take to write its exit reason. */
const EXIT_REASON_MS = 2_000;

/**
 * Integers, then doubles: signals taken, turns of the main thread; time of the thread's last tick, time the process
 * stood still.
 */
const [TAKEN, TURNS] = [0, 1];
const [TICKED_AT, STOPPED_MS] = [0, 1];
const TIMES_OFFSET = 16;

const FORCED = 'ostinato.forced-end';

export interface WatchdogParts {
  /** The signals that the program already handles on its main thread. */
  readonly signals: readonly NodeJS.Signals[];
  /** Called on the main thread in the middle of other code. Synchronous and short; errors are dropped. */
  readonly onForced: (signal: NodeJS.Signals) => void;
  /**
   * Written by the thread when the main thread cannot be interrupted; `SIGNAL` in it is replaced by the signal's name.
   */
  readonly exitReason: { readonly path: string; readonly text: string };
}

export interface Watchdog {
  /** Call it in the handler of each signal. */
  taken(): void;
  /** Restores the default effect of signals, once the program's own handlers are removed. */
  stop(): void;
}

/**
 * JavaScript that no loader has to strip. Receiving signals in a thread needs an internal binding of Node: the flag
 * that exposes it applies to this thread only. Without the binding the thread receives nothing and still ticks.
 */
const PROGRAM = `'use strict';
const { writeSync } = require('node:fs');
const { dirname } = require('node:path');
const { Worker, workerData } = require('node:worker_threads');
const { shared, signals, exitReason, forced, killer, lookMs, graceLooks, tickMs, lateMs, exitReasonMs } = workerData;
const counts = new Int32Array(shared, 0, 2);
const times = new Float64Array(shared, ${TIMES_OFFSET}, 2);
const now = () => Number(process.hrtime.bigint()) / 1e6;

let tickedAt = now();
setInterval(() => {
  const at = now();
  const late = at - tickedAt - tickMs - lateMs;
  if (late > 0) times[1] += late;
  times[0] = tickedAt = at;
}, tickMs);

let heard = 0, last, seen = '', looks = 0, told = false, forcing = false, timer;
const handles = [];
const tell = (text) => { try { writeSync(2, text + '\\n'); } catch {} };

function hear(number, name) {
  heard += 1;
  last = name;
  timer ??= setInterval(look, lookMs);
}

function look() {
  const taken = Atomics.load(counts, 0);
  const sight = taken + ' ' + Atomics.load(counts, 1);
  if (sight !== seen) { seen = sight; looks = 0; return; }
  looks += 1;
  if (taken < heard) {
    if (heard > 1 && looks > 1) return force();
    if (!told) tell(last + ': the program computes on its main thread, which cannot hear it. Once more ends it at once; else it is ended in ' + Math.round(graceLooks * lookMs / 1000) + ' s.');
    told = true;
  }
  if (looks >= graceLooks) force();
}

function force() {
  if (forcing) return;
  forcing = true;
  // In one more thread: this one is blocked by the next lines until the main thread can be interrupted.
  const words = { path: exitReason.path, folder: dirname(exitReason.path), text: exitReason.text.replaceAll('SIGNAL', last), ms: exitReasonMs };
  new Worker(killer, { eval: true, env: {}, execArgv: [], workerData: words }).on('error', () => {});
  try {
    const { Session } = require('node:inspector');
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.evaluate', { expression: 'globalThis[Symbol.for(' + JSON.stringify(forced) + ')](' + JSON.stringify(last) + ')', returnByValue: true }, (error, answer) => {
      if (error || answer.result?.value !== true) return;
      for (const handle of handles) handle.close();
      session.disconnect();
      process.kill(process.pid, last);
    });
  } catch {}
}

try {
  const { Signal } = require('internal/test/binding').internalBinding('signal_wrap');
  heard = Atomics.load(counts, 0);
  for (const [number, name] of signals) {
    const handle = new Signal();
    handle.onsignal = () => hear(number, name);
    handle.unref();
    if (handle.start(number) === 0) handles.push(handle);
  }
} catch {}
times[0] = tickedAt = now();
`;

/** Kills a process that neither answers nor can be interrupted. */
const KILLER_PROGRAM = `'use strict';
const { mkdirSync, writeFileSync } = require('node:fs');
const { path, folder, text, ms } = require('node:worker_threads').workerData;
setTimeout(() => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch {}
  process.kill(process.pid, 'SIGKILL');
}, ms);
`;

let times: Float64Array | undefined;

/** Turns of the event loop that a program has before it is watched: one that is over by then needs no thread. */
const TURNS_BEFORE = 5;
const pending = new Set<() => void>();
let isNeeded = false;

/**
 * Calls what starts the watchdog, and the handlers that need it, once the event loop has turned a few times, or with
 * the first time limit if that is earlier (`watchNow`). Until then signals have their ordinary effect: handlers without
 * the thread would keep a program that computes from being ended at all.
 *
 * @returns how to take it back
 */
export function watchLater(start: () => void): () => void {
  let timer: NodeJS.Timeout;
  const now = (): void => {
    clearTimeout(timer);
    if (pending.delete(now)) start();
  };
  const afterTurns = (left: number): void => {
    // A timer of zero fires in the next turn, also where the loop would wait for something else.
    timer = setTimeout(() => (left > 1 ? afterTurns(left - 1) : now()), 0).unref();
  };
  pending.add(now);
  afterTurns(TURNS_BEFORE);
  if (isNeeded) now();
  return () => {
    clearTimeout(timer);
    pending.delete(now);
  };
}

/** From now on, or from its first run on, the process is watched: somebody relies on it. */
export function watchNow(): void {
  isNeeded = true;
  for (const start of pending) start();
}

/**
 * Costs the main thread some 2 ms; `null` where no thread can be started: then only the main thread receives signals.
 */
export function startWatchdog({ signals, onForced, exitReason }: WatchdogParts): Watchdog | null {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const shared = new SharedArrayBuffer(TIMES_OFFSET + 2 * Float64Array.BYTES_PER_ELEMENT);
  const counts = new Int32Array(shared, 0, 2);
  (globalThis as { [key: symbol]: unknown })[Symbol.for(FORCED)] = (signal: NodeJS.Signals): boolean =>
    endForced(signal, onForced);
  let worker: InstanceType<typeof Worker>;
  try {
    worker = new Worker(PROGRAM, {
      eval: true,
      name: 'ostinato-watchdog',
      env: {},
      execArgv: ['--expose-internals', '--no-warnings'],
      trackUnmanagedFds: false,
      stdout: true,
      stderr: true,
      workerData: {
        shared,
        exitReason,
        forced: FORCED,
        killer: KILLER_PROGRAM,
        lookMs: LOOK_MS,
        graceLooks: GRACE_LOOKS,
        tickMs: TICK_MS,
        lateMs: LATE_MS,
        exitReasonMs: EXIT_REASON_MS,
        signals: signals.map((signal) => [constants.signals[signal], signal]),
      },
    });
    worker.on('error', () => {});
    worker.unref();
  } catch {
    return null;
  }
  times = new Float64Array(shared, TIMES_OFFSET, 2);
  let turning = false;
  return {
    taken: () => {
      Atomics.add(counts, TAKEN, 1);
      if (turning) return;
      turning = true;
      setInterval(() => Atomics.add(counts, TURNS, 1), LOOK_MS / 2).unref();
    },
    stop: () => {
      times = undefined;
      void worker.terminate();
    },
  };
}

function endForced(signal: NodeJS.Signals, onForced: WatchdogParts['onForced']): boolean {
  for (const act of [() => onForced(signal), () => process.emit('exit', 128 + constants.signals[signal])]) {
    try {
      act();
    } catch {
      /* The process ends in any case. */
    }
  }
  // Without handlers the signal has its default effect.
  process.removeAllListeners(signal);
  return true;
}

/** Whether the thread is running: it receives signals, and notices when the process stands still. */
export function isWatching(): boolean {
  return (times?.[TICKED_AT] ?? 0) !== 0;
}

/**
 * Milliseconds in which nothing in this process ran although time passed: it was stopped (SIGSTOP, a frozen container),
 * or the machine slept.
 */
export function stoppedMs(): number {
  if (times === undefined || !isWatching()) return 0;
  // The gap that the thread will measure when it wakes up.
  return (
    (times[STOPPED_MS] ?? 0) +
    Math.max(0, Number(process.hrtime.bigint()) / 1e6 - (times[TICKED_AT] ?? 0) - TICK_MS - LATE_MS)
  );
}
