/** The type of a value after the futures in it are resolved. */

import type { RunFuture } from '../engine/future.ts';
import type { MapFuture } from '../engine/map-future.ts';
import type { ReturnedState } from '../engine/returned-state.ts';

export type Resolved<T> = 0 extends 1 & T
  ? T
  : T extends ReturnedState<infer Value>
    ? Resolved<Value>
    : T extends MapFuture<infer Item>
      ? Item[]
      : T extends RunFuture<infer Value>
        ? Value
        : T extends readonly unknown[]
          ? MayHoldFutures<T[number]> extends true
            ? { -readonly [Index in keyof T]: Resolved<T[Index]> }
            : T
          : T extends Plain
            ? MayHoldFutures<T[keyof T]> extends true
              ? { [Key in keyof T]: Resolved<T[Key]> }
              : T
            : T;
type Plain = { readonly [key: string]: unknown };
/** Types without futures in them stay as they are, under their own names. */
type MayHoldFutures<Part> = [Extract<Part, RunFuture<unknown> | ReturnedState | readonly unknown[] | Plain>] extends [
  never,
]
  ? false
  : true;
