/**
 * The control plane asked by the names of its nouns and methods: from another thread, or of a client that is loaded
 * with the first question. Loads nothing of the nouns.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { ControlClient } from './client.ts';

/** How one method of one noun is asked. */
export type ControlAsk = (noun: string, method: string, args: readonly unknown[]) => MaybePromise<unknown>;

/** A client whose every noun and method is asked by way of `ask`, which knows which there are. */
export function controlBy(ask: ControlAsk): ControlClient {
  const methodsOf = (noun: string): object =>
    named(
      (method) =>
        (...args: readonly unknown[]) =>
          ask(noun, method, args),
    );
  return named(methodsOf) as ControlClient;
}

function named(member: (name: string) => unknown): object {
  // What is looked at as a promise is none.
  return new Proxy({}, { get: (_, name) => (typeof name === 'string' && name !== 'then' ? member(name) : undefined) });
}

/** Loaded with the first question, once. */
export function controlLater(load: () => Promise<ControlClient>): ControlClient {
  let loading: Promise<ControlClient> | undefined;
  return controlBy(async (...call) => await askControl(await (loading ??= load()), ...call));
}

/** Asks a client for what came by its names from elsewhere. @throws `unsupported` for what it does not have */
export async function askControl(client: ControlClient, ...[noun, method, args]: Parameters<ControlAsk>) {
  const found = memberOf(memberOf(client, noun), method);
  if (typeof found !== 'function')
    throw new OstinatoError('unsupported', `There is no ${noun}.${method}.`, {
      remedy: 'Use the same version of Ostinato in all processes.',
    });
  return await (found as (...args: readonly unknown[]) => unknown)(...args);
}

function memberOf(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null || name in Object.prototype) return undefined;
  return (of as Readonly<Record<string, unknown>>)[name];
}
