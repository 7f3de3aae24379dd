/**
 * How the record names the hooks of a task: by their text, by which of the two kinds there are, and by whether they
 * were given in the body of a run, where they close over what that run is about.
 */

import type { TransactionHook } from './transaction-hook.ts';
import type { TaskDefinition } from './definitions.ts';
import { sharedState } from './shared-state.ts';

/** What a mark says. One of an older version names neither kinds nor place: it counts as having both kinds. */
export interface HookMark {
  /** Hash of the text. */
  readonly text: string;
  readonly hasCommit: boolean;
  readonly hasRollback: boolean;
  readonly madeIn: 'module' | 'body' | 'unknown';
  /** The process that wrote it had made others of the same text. */
  readonly isOneOfSeveral: boolean;
}

const HASH_CHARS = 12;
const MARK = /^([^ .]+)(?:\.(b?)(c?)(r?))?( .+)?$/u;

/** Functions that were first given in a body, and those that were given outside any. */
const origins = sharedState('hook-origins', () => new WeakMap<TransactionHook, 'module' | 'body'>());

/** Both kinds of a task. */
export function hooksIn({ options: { onCommit, onRollback } }: TaskDefinition): readonly TransactionHook[] {
  return [onCommit, onRollback].flat().filter((hook) => hook !== undefined);
}

/** Remembers where hooks were given. One that was ever given outside bodies is the same one in all of them. */
export function rememberOrigin(hooks: readonly TransactionHook[], isInBody: boolean): void {
  for (const hook of hooks) if (!isInBody || !origins.has(hook)) origins.set(hook, isInBody ? 'body' : 'module');
}

export function isOfBody(definition: TaskDefinition): boolean {
  return hooksIn(definition).some((hook) => origins.get(hook) === 'body');
}

const texts = new WeakMap<TaskDefinition, string>();

export function hookText(definition: TaskDefinition): string {
  const { onCommit, onRollback } = definition.options;
  let text = texts.get(definition);
  if (text === undefined) texts.set(definition, (text = `${textOf(onCommit)}\n${textOf(onRollback)}`));
  return text;
}

function textOf(hooks: unknown): string {
  return [hooks].flat().map(String).join('\n');
}

export function hashOfText(text: string, hash: (text: string) => string): string {
  return hash(text).slice(0, HASH_CHARS);
}

const marks = new WeakMap<TaskDefinition, string>();

/** `null` without hooks. @param number tells it, in this process, from others of the same text */
export function writeMark(
  definition: TaskDefinition,
  number: string | null,
  hash: (text: string) => string,
): string | null {
  const { onCommit, onRollback } = definition.options;
  if (onCommit === undefined && onRollback === undefined) return null;
  let mark = marks.get(definition);
  if (mark === undefined) {
    const kinds = `${onCommit === undefined ? '' : 'c'}${onRollback === undefined ? '' : 'r'}`;
    mark = `${hashOfText(hookText(definition), hash)}.${isOfBody(definition) ? 'b' : ''}${kinds}`;
    marks.set(definition, mark);
  }
  return number === null ? mark : `${mark} ${number}`;
}

export function readMark(mark: string): HookMark {
  const [, text = mark, body, commit, rollback, number] = MARK.exec(mark) ?? [];
  const isOneOfSeveral = number !== undefined;
  if (body === undefined) return { text, hasCommit: true, hasRollback: true, madeIn: 'unknown', isOneOfSeveral };
  const madeIn = body === '' ? 'module' : 'body';
  return { text, hasCommit: commit !== '', hasRollback: rollback !== '', madeIn, isOneOfSeveral };
}
