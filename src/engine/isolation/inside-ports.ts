/** The engine's ports inside an isolate: logs and a few questions go to the program outside, the rest is refused. */

import type { OstinatoClient } from '../../client/port.ts';
import type { Recorder } from '../../client/recorder.ts';
import { fromFailureInfo } from '../../core/codec.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { IdSource } from '../../core/ids.ts';
import type { Clock } from '../../core/time.ts';
import type { EnginePorts } from '../ports.ts';
import type { ParentChannel } from './host.ts';
import { isClientMethod, type ClientMethod, type RunBodyMessage, type ToIsolate } from './protocol.ts';

/** Questions to the program that wait for their answers. */
export class ParentCalls {
  readonly #channel: ParentChannel;
  readonly #open = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }>();
  #last = 0;

  constructor(channel: ParentChannel) {
    this.#channel = channel;
  }

  ask(job: number, method: ClientMethod, args: readonly unknown[]): Promise<unknown> {
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
    if (failure) waiting?.reject(fromFailureInfo(failure));
    else waiting?.resolve(value);
  }
}

export interface IsolateSources {
  readonly clock: Clock;
  readonly ids: IdSource;
}

export function insidePorts(channel: ParentChannel, calls: ParentCalls, sources: IsolateSources, message: RunBodyMessage): EnginePorts {
  const { job } = message;
  const client = new Proxy({} as OstinatoClient, {
    get: (_, name) =>
      isClientMethod(name) ? (...args: readonly unknown[]) => calls.ask(job, name, args) : refuse(`client.${String(name)}`),
  });
  const recorder = new Proxy({} as Recorder, { get: (_, name) => (name === 'log' ? () => {} : refuse(`recorder.${String(name)}`)) });
  return {
    client,
    recorder,
    ...sources,
    random: () => refuse('random')(),
    hash: () => refuse('hash')(),
    callSites: { capture: () => ({ id: '', label: '', file: '' }) },
    process: message.process,
    isolates: { parallelism: 1, spawn: () => refuse('isolates')() },
    settings: message.settings,
    // The program outside writes the record.
    observers: [
      { logged: (record, _, printed) => channel.post({ type: 'log', job, level: record.level, message: record.message, printed }) },
    ],
  };
}

function refuse(what: string): () => never {
  return () => {
    throw new OstinatoError(
      'unsupported',
      `A task that runs in a thread or process of its own asked for ${what}, which it does not have.`,
      {
        remedy: "Do it in the flow, or run the task with isolation: 'signal'.",
      },
    );
  };
}
