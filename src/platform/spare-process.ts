/** A process that is started before it is known what for: it reads that from its standard input, which ends then. */

import { existsSync } from 'node:fs';

import { startChildGroup, type ChildGroup, type ChildGroupOptions, type OutputStream } from './child-group.ts';

/** The word that makes our program one. */
export const SPARE_WORD = '__spare';

export interface SpareOrder {
  readonly words: readonly string[];
  readonly folder: string;
  /** All of it. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface SpareProcess {
  readonly group: ChildGroup;
  /** Tells it what it is for; it says what it writes to `onLine` from now on. */
  begin(order: SpareOrder, onLine: (line: string, stream: OutputStream) => void): ChildGroup;
}

/** `onLine` hears what it writes while it waits. */
export function startSpare(options: Omit<ChildGroupOptions, 'input'>): SpareProcess {
  let hear = options.onLine;
  const group = startChildGroup({ ...options, input: 'pipe', onLine: (line, stream) => hear(line, stream) });
  return {
    group,
    begin(order, onLine) {
      hear = onLine;
      group.write(JSON.stringify(order));
      return group;
    },
  };
}

/**
 * Whether a process that runs already can take this folder and environment on: some entries are read by Node and the
 * system's loader when a program starts.
 */
export function canTakeOn(
  {
    environment,
    folder,
  }: { readonly environment: Readonly<Record<string, string | undefined>>; readonly folder: string },
  started: Readonly<Record<string, string | undefined>>,
): boolean {
  if (!existsSync(folder)) return false;
  const names = new Set([...Object.keys(environment), ...Object.keys(started)]);
  return [...names].every((name) => environment[name] === started[name] || !READ_AT_START.test(name));
}

const READ_AT_START = /^(?:NODE_|LD_|DYLD_|MALLOC_|UV_|SSL_CERT_|OPENSSL_|LANG$|LC_|TZ$|PATH$)/;
