/**
 * The hooks of transactions that stand in the code of this process: what was decided in a process that is gone is
 * finished by them, also when no call leads to their task any more.
 *
 * 1. Only hooks that were given outside the bodies of runs are here: a module is evaluated once, so that there is one
 *    function for all runs. One that a body gives closes over what its run is about. Nothing may find it by its text:
 *    it is used by the call that the body makes of its task (`TransactionBook`).
 * 2. Functions of one text are told apart by the order in which this process made them. Another process can not, and
 *    finds none of several.
 */

import type { TaskDefinition } from './definitions.ts';
import { hashOfText, hooksIn, hookText, isOfBody, readMark, rememberOrigin, writeMark } from './hook-mark.ts';
import { currentFrame } from './run-context.ts';
import { sharedState } from './shared-state.ts';

/** Hooks of one task that are told apart: more would be made in a loop. */
const VARIANTS_MAX = 100;
/** A program that makes tasks in a loop must not fill the memory with them. */
const KEYS_MAX = 10_000;

/** Hooks of one text. */
interface Looks {
  readonly text: string;
  /** Of all that were ever made, also of those that are dropped. */
  count: number;
  /** By number, newest last. */
  readonly made: Map<number, TaskDefinition>;
}

/** By key of the task, then by text. */
const book = sharedState('hooks-of-modules', () => new Map<string, Map<string, Looks>>());

/**
 * Called for each definition. Tasks of one key that have the very same hooks count once.
 *
 * @param isByModule whether it is made while its module is evaluated, also when a body imports that
 */
export function rememberHooks(definition: TaskDefinition, isByModule: () => boolean): void {
  const hooks = hooksIn(definition);
  if (hooks.length === 0) return;
  rememberOrigin(hooks, currentFrame() !== undefined && !isByModule());
  if (isOfBody(definition)) return;
  const known = book.get(definition.taskKey) ?? new Map<string, Looks>();
  const text = hookText(definition);
  const looks = known.get(text) ?? { text, count: 0, made: new Map<number, TaskDefinition>() };
  const earlier = numberIn(looks, definition);
  looks.made.delete(earlier ?? -1);
  looks.made.set(earlier ?? looks.count, definition);
  if (earlier === null) looks.count += 1;
  moveToEnd(known, text, looks, VARIANTS_MAX);
  if (looks.made.size > VARIANTS_MAX) dropOldest(looks.made);
  moveToEnd(book, definition.taskKey, known, KEYS_MAX);
}

function moveToEnd<Value>(all: Map<string, Value>, key: string, value: Value, max: number): void {
  all.delete(key);
  all.set(key, value);
  if (all.size > max) dropOldest(all);
}

function dropOldest(all: Map<unknown, unknown>): void {
  for (const key of all.keys()) return void all.delete(key);
}

function numberIn({ made }: Looks, { options: { onCommit, onRollback } }: TaskDefinition): number | null {
  for (const [number, { options }] of made)
    if (options.onCommit === onCommit && options.onRollback === onRollback) return number;
  return null;
}

/**
 * The task of the key whose hooks have this mark; when none has (the code was edited), the only one of the key that has
 * hooks. None where several may be meant, or where the hooks were given in a body: an order would be refunded in place
 * of another one.
 */
export function findHooks(taskKey: string, mark: string, hash: (text: string) => string): TaskDefinition | undefined {
  const { text, madeIn, isOneOfSeveral, hasCommit, hasRollback } = readMark(mark);
  if (madeIn === 'body') return undefined;
  const all = [...(book.get(taskKey)?.values() ?? [])];
  const same = all.filter((looks) => hashOfText(looks.text, hash) === text);
  const exact = same.flatMap(({ made }) => [...made.values()]).find((each) => hookMark(each, hash) === mark);
  if (exact || isOneOfSeveral) return exact;
  // What was given in a body by an older version may not be taken for another hook of its task.
  const candidates = same.length > 0 || madeIn === 'unknown' ? same : all;
  const [only] = candidates;
  const [found] = candidates.length === 1 && only?.count === 1 ? only.made.values() : [];
  const isWhole = (!hasCommit || found?.options.onCommit) && (!hasRollback || found?.options.onRollback);
  return same.length > 0 || isWhole ? found : undefined;
}

/** See `hook-mark.ts`. `null` without hooks. */
export function hookMark(definition: TaskDefinition, hash: (text: string) => string): string | null {
  const looks = isOfBody(definition) ? undefined : book.get(definition.taskKey)?.get(hookText(definition));
  const number = looks && looks.count > 1 ? numberIn(looks, definition) : null;
  return writeMark(definition, number === null ? null : `${definition.alike.process}.${number}`, hash);
}
