/**
 * The engine's ports inside an isolate. Tasks and flows that a body calls run where the body does; what is recorded of
 * them, and what they ask of the store, goes to the program outside, whose process they belong to.
 */

import { controlBy } from '../../client/control/by-name.ts';
import type { OstinatoClient } from '../../client/port.ts';
import type { LiveRecord, Recorder } from '../../client/recorder.ts';
import { thrownFrom } from '../../core/codec.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Durability } from '../../core/durability.ts';
import type { IdSource } from '../../core/ids.ts';
import type { LargeParts } from '../../core/large-parts.ts';
import type { TaskRunRecord } from '../../core/task-run.ts';
import type { Clock } from '../../core/time.ts';
import type { OpenedStep, StepRegistry } from '../flow-scope.ts';
import type { Transaction } from '../transaction.ts';
import type { CallSites, EnginePorts, RunObserver } from '../ports.ts';
import type { ParentChannel } from './host.ts';
import { isClientMethod, type ProgramMethod, type RunBodyMessage, type ToIsolate } from './protocol.ts';

/** Questions to the program that wait for their answers. */
export class ParentCalls {
  readonly #channel: ParentChannel;
  readonly #open = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }
  >();
  #last = 0;

  constructor(channel: ParentChannel) {
    this.#channel = channel;
  }

  ask(job: number, method: ProgramMethod, args: readonly unknown[]): Promise<unknown> {
    this.#last += 1;
    const call = this.#last;
    return new Promise((resolve, reject) => {
      this.#channel.post({ type: 'call', job, call, method, args });
      this.#open.set(call, { resolve, reject });
    });
  }

  answer({ call, value, failure }: Extract<ToIsolate, { type: 'answer' }>): void {
    const waiting = this.#open.get(call);
    this.#open.delete(call);
    if (failure) waiting?.reject(thrownFrom(failure));
    else waiting?.resolve(value);
  }
}

export interface IsolateSources {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: () => number;
  readonly hash: (text: string) => string;
  readonly largeParts: LargeParts;
  readonly callSites: CallSites;
}

/** One body's way to the program. */
export interface ProgramChannel {
  readonly post: (message: { readonly type: string } & Readonly<Record<string, unknown>>) => void;
  readonly ask: (method: ProgramMethod, ...args: readonly unknown[]) => Promise<unknown>;
}

/** @param hold hears of every run that the body starts: the isolate is free when they are over */
export function insidePorts(
  channel: ProgramChannel,
  sources: IsolateSources,
  message: RunBodyMessage,
  hold: (work: Promise<unknown>) => void,
  transaction: Transaction | null,
): EnginePorts {
  return {
    client: clientOf(channel),
    recorder: recorderOf(channel),
    ...sources,
    process: message.process,
    isolates: { parallelism: 1, spawn: () => refuse('isolates')() },
    settings: message.settings,
    observers: [observerOf(channel, message)],
    within: { hold, transaction, tags: message.heldTags },
  };
}

/** A flow run's steps are numbered and looked up outside, where its other tasks are. */
export function stepRegistry({ ask, post }: ProgramChannel, taskRunId: string): StepRegistry {
  return {
    open: (taskKey, steps) => ask('openStep', taskKey, steps) as Promise<OpenedStep>,
    countReused: () => post({ type: 'reused' }),
    mapPrefix: taskRunId,
  };
}

function clientOf({ ask }: ProgramChannel): OstinatoClient {
  // The program registers its process and looks for lost runs itself.
  const own: Partial<OstinatoClient> = {
    registerProcess: () => undefined,
    reapLostRuns: () => [],
    control: controlBy((...call) => ask('askControl', ...call)),
    results: {
      write: (hash, text, options) => ask('writeResult', hash, text, options) as Promise<string>,
      read: (key) => ask('readResult', key) as Promise<string | null>,
    },
  };
  return new Proxy({} as OstinatoClient, {
    get: (_, name) =>
      (own as Readonly<Record<string | symbol, unknown>>)[name] ??
      (isClientMethod(name) ? (...args: readonly unknown[]) => ask(name, ...args) : refuse(`client.${String(name)}`)),
  });
}

function recorderOf({ ask, post }: ProgramChannel): Recorder {
  const own: Pick<Recorder, 'touch' | 'settle' | 'log' | 'flush' | 'renewJournal' | 'trouble'> = {
    touch: (record) => post({ type: 'record', record: takeFrom(record) }),
    settle: (record, durability: Durability) => ask('settle', takeFrom(record), durability) as Promise<void>,
    // Told with what observers see.
    log: () => {},
    // Throws what keeps records from the store.
    flush: () => ask('flush') as Promise<void>,
    renewJournal: () => {},
    trouble: null,
  };
  return new Proxy(own as Recorder, {
    get: (_, name) =>
      name in own ? (own as Readonly<Record<string | symbol, unknown>>)[name] : refuse(`recorder.${String(name)}`),
  });
}

function takeFrom(record: LiveRecord): TaskRunRecord {
  const { run, states } = record;
  record.states = [];
  return { run, states };
}

function observerOf({ post }: ProgramChannel, { taskRun }: RunBodyMessage): RunObserver {
  return {
    logged: (record, runName, printed) => {
      // The body's own lines are written by the program, as if it ran there.
      if (record.taskRunId === taskRun.id) post({ type: 'log', level: record.level, message: record.message, printed });
      else post({ type: 'seen', sight: { what: 'logged', record, runName, printed } });
    },
    flowRunChanged: (run, state) => post({ type: 'seen', sight: { what: 'flowRunChanged', run, state } }),
    mapProgressed: (progress) => post({ type: 'seen', sight: { what: 'mapProgressed', progress } }),
    noticed: (level, text) => post({ type: 'seen', sight: { what: 'noticed', level, message: text } }),
  };
}

function refuse(what: string): () => never {
  return () => {
    throw new OstinatoError(
      'unsupported',
      `A task that runs in a thread or process of its own asked for ${what}, which it does not have.`,
      { remedy: "Do it in the flow, or run the task with isolation: 'signal'." },
    );
  };
}
