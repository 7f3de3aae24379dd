/**
 * How calls find the engine they run on.
 *
 * Calling a task must answer a future at once, although the database may not be open yet: a door has what that needs,
 * and opens the rest when the first run asks. `sdk/runtime.ts` puts the real door in, `testing` its own.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { assert } from '../core/errors.ts';
import type { IdSource } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Clock } from '../core/time.ts';
import type { CallSites, EnginePorts } from './ports.ts';
import { sharedState } from './shared-state.ts';

export interface EngineDoor {
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly callSites: CallSites;
  readonly open: () => MaybePromise<EnginePorts>;
}

const doors = sharedState('doors', () => ({
  standing: undefined as EngineDoor | undefined,
  scoped: new AsyncLocalStorage<EngineDoor>(),
}));

/** The door of this process. */
export function installDoor(door: EngineDoor): void {
  doors.standing = door;
}

/** Runs the body with another door: a test's. */
export function withDoor<T>(door: EngineDoor, body: () => T): T {
  return doors.scoped.run(door, body);
}

export function currentDoor(): EngineDoor {
  const door = doors.scoped.getStore() ?? doors.standing;
  assert(door, 'an engine door is installed before the first run');
  return door;
}
