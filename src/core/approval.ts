/**
 * Questions that a flow asks of people: what is on record of one, as texts under keys of its flow run (ADR 082).
 *
 * A key is taken once. So there is one request, one answer (the first) and one reminder of each number, however many
 * processes and people try at once.
 */

import { OstinatoError } from './errors.ts';
import type { FlowRunInput } from './flow-run-input.ts';
import { isDuration, type Instant } from './time.ts';
import { heldValue } from './written-number.ts';

/** Key of the tasks that wait for an answer. */
export const APPROVAL_TASK_KEY = 'ostinato.approval';

/** By what an answer came; `due`: nobody answered in time, and there was no default. */
export const APPROVAL_WAYS = ['cli', 'default', 'due'] as const;
export type ApprovalWay = (typeof APPROVAL_WAYS)[number];

export interface ApprovalRequest {
  readonly title: string;
  readonly description: string | null;
  /** Whom it is for: names that automations and people know. */
  readonly to: readonly string[];
  /** JSON Schema of the answer; `null`: its library has none. */
  readonly form: Readonly<Record<string, unknown>> | null;
  readonly askedAt: Instant;
  /** When it is answered by the default, or fails; `null`: never. */
  readonly due: Instant | null;
  readonly reminderSeconds: number | null;
  readonly hasDefault: boolean;
}

export interface ApprovalAnswer {
  /** JSON text; `null` where nobody answered. */
  readonly value: string | null;
  /** Who answered; `null`: nobody, or it is not known. */
  readonly by: string | null;
  readonly via: ApprovalWay;
  readonly at: Instant;
}

export interface ApprovalRecord {
  readonly request: ApprovalRequest | null;
  readonly answer: ApprovalAnswer | null;
  /** The largest number of a reminder that was given. */
  readonly reminded: number;
}

/** Key under which a part of what is on record lies. @param id of the task run that waits */
export function approvalKey(id: string, part: 'request' | 'answer' | `reminder-${number}`): string {
  return `${approvalPrefix(id)}${part}`;
}

export function approvalPrefix(id: string): string {
  return `approval-${id}-`;
}

/** What is on record of the approval. What cannot be read counts as not there: other programs may write such keys. */
export function approvalRecord(id: string, inputs: readonly Pick<FlowRunInput, 'key' | 'value'>[]): ApprovalRecord {
  const prefix = approvalPrefix(id);
  const part = (name: string): unknown => {
    const found = inputs.find(({ key }) => key === prefix + name);
    return found === undefined ? undefined : parsed(found.value);
  };
  const [request, answer] = [part('request'), part('answer')];
  const reminders = inputs.map(({ key }) => Number(/^reminder-(\d{1,9})$/.exec(key.slice(prefix.length))?.[1] ?? 0));
  return {
    request: isRequest(request) ? request : null,
    answer: isAnswer(answer) ? answer : null,
    reminded: Math.max(0, ...reminders),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRequest(value: unknown): value is ApprovalRequest {
  const { title, to, askedAt } = (value ?? {}) as Partial<Record<keyof ApprovalRequest, unknown>>;
  return typeof title === 'string' && Array.isArray(to) && typeof askedAt === 'number';
}

function isAnswer(value: unknown): value is ApprovalAnswer {
  const { via, at } = (value ?? {}) as Partial<Record<keyof ApprovalAnswer, unknown>>;
  return (APPROVAL_WAYS as readonly unknown[]).includes(via) && typeof at === 'number';
}

/** The answer's value; whole numbers that a JavaScript number cannot hold are BigInts. */
export function answerValue({ value }: ApprovalAnswer): unknown {
  return value === null ? undefined : heldValue(value);
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90`, `'45s'`, `'30m'`, `'1h30m'`, `'2d'` in seconds. @throws `bad-input` for anything else */
export function spanSeconds(given: unknown, what: string): number {
  const parts = typeof given === 'string' ? [...given.matchAll(/(\d{1,9})([smhdw])/g)] : [];
  const seconds =
    typeof given === 'string'
      ? parts.map(([whole]) => whole).join('') === given && given !== ''
        ? parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
        : null
      : given;
  if (isDuration(seconds) && seconds > 0) return seconds;
  throw new OstinatoError(
    'bad-input',
    `${what} is ${typeof given === 'string' ? JSON.stringify(given) : String(given)}.`,
    { remedy: "Write a number of seconds above 0, or a text such as '45s', '30m', '1h30m' or '2d'." },
  );
}
