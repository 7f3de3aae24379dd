/**
 * The tasks of this process that have hooks of transactions: what was decided in a process that is gone is finished by the
 * functions that stand in the code now, also when no call leads to them any more.
 */

import { isSeveral, numberAmongAlike } from './alike.ts';
import type { TaskDefinition } from './definitions.ts';
import { sharedState } from './shared-state.ts';

/** Tasks of one key with other hooks each: more would be made in a loop. */
const VARIANTS_MAX = 100;
/** A program that makes tasks in a loop must not fill the memory with them. */
const KEYS_MAX = 10_000;

const book = sharedState('hooks', () => new Map<string, TaskDefinition[]>());

/** Newest first. Tasks of one key that have the very same hooks count once. */
export function rememberHooks(definition: TaskDefinition): void {
  const { onCommit, onRollback } = definition.options;
  if (onCommit === undefined && onRollback === undefined) return;
  const others = (book.get(definition.taskKey) ?? []).filter(({ options }) => options.onCommit !== onCommit || options.onRollback !== onRollback);
  book.delete(definition.taskKey);
  book.set(definition.taskKey, [definition, ...others.slice(0, VARIANTS_MAX - 1)]);
  if (book.size > KEYS_MAX) book.delete(book.keys().next().value as string);
}

/**
 * The task of the key whose hooks have this mark; when none has (the code was edited), the newest of the key. None where several
 * look the same and their hooks may do different things: an order would be refunded in place of another one.
 */
export function findHooks(taskKey: string, mark: string, hash: (text: string) => string): TaskDefinition | undefined {
  const variants = book.get(taskKey) ?? [];
  const own = variants.find((definition) => hookMark(definition, hash) === mark);
  if (own) return own;
  const text = mark.slice(0, MARK_CHARS);
  const same = variants.filter((definition) => hookMark(definition, hash)?.slice(0, MARK_CHARS) === text);
  const candidates = same.length === 0 ? variants : same;
  return candidates.length > 1 && candidates.some(({ alike }) => isSeveral(alike) && alike.madeIn === null) ? undefined : candidates[0];
}

const marks = new WeakMap<TaskDefinition, string>();
const MARK_CHARS = 12;

/** By the text of the hooks: what another process can tell them by, and in this one by which of those that look the same it is. `null` without hooks. */
export function hookMark(definition: TaskDefinition, hash: (text: string) => string): string | null {
  const { onCommit, onRollback } = definition.options;
  if (onCommit === undefined && onRollback === undefined) return null;
  let mark = marks.get(definition);
  if (mark === undefined) marks.set(definition, (mark = hash(`${textOf(onCommit)}\n${textOf(onRollback)}`).slice(0, MARK_CHARS)));
  const number = isSeveral(definition.alike) ? numberAmongAlike(definition.alike, false) : null;
  return number === null ? mark : `${mark} ${number}`;
}

function textOf(hooks: unknown): string {
  return [hooks].flat().map(String).join('\n');
}
