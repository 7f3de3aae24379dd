/**
 * Use cases on a store that may repeat the functions it is given: what such a function draws (ids, random numbers) is
 * drawn once and replayed on repetition. A repeated change is the same change, so nothing that was derived from it the
 * first time becomes wrong.
 *
 * The time is not replayed: a repetition is decided on newer facts, and happens later.
 */

import type { IdSource } from '../core/ids.ts';
import type { PlaceholderMove, Storage } from '../store/port.ts';
import type { OrchestratorPorts } from './ports.ts';

type Function = (...args: readonly unknown[]) => unknown;

/** The draws of one function, in order. */
interface Tape {
  readonly draws: unknown[];
  position: number;
}

export function retrySafe(ports: OrchestratorPorts): OrchestratorPorts {
  if (!ports.storage.mayCallAgain) return ports;
  // Such functions are synchronous: whatever is drawn while one runs is drawn by it.
  let tape: Tape | null = null;

  const drawn = <T>(draw: () => T): T => {
    if (tape === null) return draw();
    const { draws, position } = tape;
    if (position === draws.length) draws.push(draw());
    tape.position += 1;
    return draws[position] as T;
  };

  const taped = (call: Function): Function => {
    const own: Tape = { draws: [], position: 0 };
    // The tape of a function that a change returns to be called in its turn.
    const moved: Tape = { draws: [], position: 0 };
    return (...args) => {
      const answer = within(own, () => call(...args));
      const placeholder = placeholderOf(answer);
      if (placeholder === null) return answer;
      return {
        ...(answer as object),
        placeholder: { ...placeholder, move: (run: never) => within(moved, () => placeholder.move(run)) },
      };
    };
  };

  const within = <T>(own: Tape, call: () => T): T => {
    const outer = tape;
    tape = own;
    own.position = 0;
    try {
      return call();
    } finally {
      tape = outer;
    }
  };

  const method =
    (call: Function): Function =>
    (...args) =>
      call(...args.map((arg) => (typeof arg === 'function' ? taped(arg as Function) : withTapedMove(arg, taped))));
  const storage = Object.fromEntries(
    Object.entries(ports.storage).map(([name, member]) => [
      name,
      typeof member === 'function' ? method(member as Function) : member,
    ]),
  );
  const ids: IdSource = { next: <Id extends string>() => drawn(() => ports.ids.next<Id>()) };
  return { ...ports, storage: storage as unknown as Storage, ids, random: () => drawn(ports.random) };
}

function placeholderOf(value: unknown): PlaceholderMove | null {
  if (typeof value !== 'object' || value === null || !('placeholder' in value)) return null;
  return (value.placeholder as PlaceholderMove | undefined) ?? null;
}

/** Wraps an argument that is itself a function to be repeated. */
function withTapedMove(value: unknown, taped: (call: Function) => Function): unknown {
  if (typeof value !== 'object' || value === null || !('move' in value) || typeof value.move !== 'function')
    return value;
  return { ...value, move: taped(value.move as Function) };
}
