/** `approval(…)`: checks what is asked, and waits for the answer. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { spanSeconds } from '../core/approval.ts';
import { OstinatoError } from '../core/errors.ts';
import { exactly, heldValue } from '../core/written-number.ts';
import { instantFromMs } from '../core/time.ts';
import { waitForApproval, type ApprovalQuestion } from '../engine/approvals.ts';
import type { Validation } from '../engine/definitions.ts';
import type { CallSite } from '../engine/ports.ts';
import { currentFrame } from '../engine/run-context.ts';
import type { ApprovalOptions, FormOption } from './approval-options.ts';
import { checker, checkKeys, isText } from './check-options.ts';
import { jsonSchemaOf, validatorOf } from './parameters.ts';

type Options = ApprovalOptions<unknown> & Partial<FormOption<StandardSchemaV1>>;

const KEYS = [
  'title',
  'description',
  'form',
  'due',
  'to',
  'reminder',
  'default',
  'key',
] as const satisfies readonly (keyof Options)[];
/** A question is one line of a list. */
const TITLE_CHARS_MAX = 300;

/** Yes or no, with a word. */
const PLAIN_FORM = {
  type: 'object',
  properties: { approved: { type: 'boolean', title: 'Approved' }, comment: { type: 'string', title: 'Comment' } },
  required: ['approved'],
  additionalProperties: false,
};

export async function askApproval(options: Options, site: CallSite): Promise<unknown> {
  const frame = currentFrame();
  if (frame === undefined || frame.scope.taskRun !== null || frame.scope.ports.within)
    throw new OstinatoError('not-in-run', 'approval(…) was called outside the body of a flow.', {
      remedy: 'Call it in the flow itself, not in a task: a task that waits holds what it has taken.',
    });
  const { future } = await waitForApproval(await questionOf(options), frame, site);
  return await future;
}

async function questionOf(options: Options): Promise<ApprovalQuestion> {
  check(options);
  const { title, description = null, form, due, to = [], reminder, key } = options;
  const schema = form === undefined ? PLAIN_FORM : jsonSchemaOf(form);
  const validate = form === undefined ? checkPlain : validatorOf(form, () => schema);
  const defaultValue = options.default === undefined ? null : textOf(options.default);
  if (defaultValue !== null) {
    const checked = await validate(heldValue(defaultValue));
    if (!checked.ok)
      throw new OstinatoError(
        'bad-input',
        `The default of approval "${title}" does not fit its form: ${checked.problems.map(({ field, rule }) => `${field}: ${rule}`).join('; ')}`,
      );
  }
  return {
    title,
    description,
    to,
    form: schema,
    reminderSeconds: reminder === undefined ? null : spanSeconds(reminder, `The reminder of approval "${title}"`),
    due:
      due === undefined
        ? null
        : due instanceof Date
          ? { at: instantFromMs(due.getTime()) }
          : { seconds: spanSeconds(due, `The due time of approval "${title}"`) },
    defaultValue,
    key,
    validate,
  };
}

function textOf(value: unknown): string {
  const { value: plain, exactValue } = exactly(value);
  return exactValue ?? JSON.stringify(plain);
}

function check(options: Options): void {
  const what = `approval "${String(options?.title ?? '')}"`;
  if (typeof options !== 'object' || options === null)
    throw new OstinatoError('bad-input', 'approval(…) was given no options.', {
      remedy: "Write approval({ title: 'Deploy?' }).",
    });
  checkKeys(what, options, KEYS);
  const holds = checker(what, options);
  if (!isText(options.title) || options.title.trim() === '' || options.title.length > TITLE_CHARS_MAX)
    throw new OstinatoError(
      'bad-input',
      `The title of an approval must be a text of 1 to ${TITLE_CHARS_MAX} characters.`,
    );
  holds('description', isText, 'a text');
  holds('to', (value) => Array.isArray(value) && value.every(isText), 'a list of texts');
  holds('key', isText, 'a text');
  holds('form', (value) => typeof value === 'object' || typeof value === 'function', 'a Standard Schema');
  if (options.due instanceof Date) holds('due', (value) => Number.isFinite((value as Date).getTime()), 'a valid Date');
}

function checkPlain(answer: unknown): Validation {
  const problem = (field: string, rule: string): Validation => ({
    ok: false,
    problems: [{ field, rule, value: answer }],
  });
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
    return problem('', 'must be an object with `approved`');
  const { approved, comment, ...others } = answer as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return problem(unknown, 'is not asked for');
  if (typeof approved !== 'boolean') return problem('approved', 'must be true or false');
  if (comment !== undefined && typeof comment !== 'string') return problem('comment', 'must be a text');
  return { ok: true, value: answer };
}
