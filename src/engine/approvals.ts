/**
 * A step that waits for the answer of a person.
 *
 * 1. The question, the answer and each reminder are on record once, under keys that are taken once: whichever process
 *    goes on with the run finds them, the due time of the first asking counts, and of two answers the first.
 * 2. What has happened is told as an event before the step goes on. Ids of events are derived: told again, they are
 *    one.
 * 3. An answer that does not fit is taken back, and the step waits on.
 */

import { type ApprovalEvent, type ApprovalPlace } from '../client/control/approvals.ts';
import {
  answerValue,
  APPROVAL_TASK_KEY,
  type ApprovalAnswer,
  type ApprovalRecord,
  type ApprovalRequest,
} from '../core/approval.ts';
import { derivedId } from '../core/automations/derived-id.ts';
import { OstinatoError } from '../core/errors.ts';
import type { TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { addSeconds, formatInstant, secondsBetween, sleep, type Instant } from '../core/time.ts';
import { ALONE } from './alike.ts';
import type { TaskDefinition, Validation } from './definitions.ts';
import { TaskFuture } from './future.ts';
import { inputNames } from './input-names.ts';
import type { CallSite } from './ports.ts';
import { ReturnedState } from './returned-state.ts';
import { currentFrame, type Frame } from './run-context.ts';
import { runTask } from './run-task.ts';
import { TaskScope } from './task-scope.ts';

export interface ApprovalQuestion extends Omit<ApprovalRequest, 'askedAt' | 'due' | 'hasDefault'> {
  /** After the asking, in seconds; or at a time; `null`: never. */
  readonly due: { readonly seconds: number } | { readonly at: Instant } | null;
  /** JSON text of the answer where nobody gives one; `null`: the step fails. */
  readonly defaultValue: string | null;
  readonly key: string | undefined;
  readonly validate: (answer: unknown) => Validation | Promise<Validation>;
}

/** How often is looked for an answer, at first and after a while. */
const LOOK_SECONDS = 1;
const LOOK_SECONDS_LATER = 5;
const LATER_SECONDS = 120;

/** Asks, as a step of the flow. The future gives the validated answer. */
export async function waitForApproval(
  question: ApprovalQuestion,
  frame: Frame,
  site: CallSite,
): Promise<{ readonly future: TaskFuture<unknown> }> {
  const { ports } = frame.scope;
  const future = new TaskFuture<unknown>(ports.ids.next<TaskRunId>(), 'approval', ports.clock);
  const { title, to, form, key } = question;
  const definition: TaskDefinition = {
    fn: async () => await new Waiting(question, currentFrame()?.scope as TaskScope).answer(),
    name: 'approval',
    taskKey: APPROVAL_TASK_KEY,
    sourceHash: '',
    alike: ALONE,
    inputs: inputNames(() => ({ names: ['asked'], hasRest: false })),
    streams: false,
    file: '',
    options: {
      isolation: 'signal',
      persistResult: true,
      runName: () => `approval: ${title}`,
      ...(key === undefined ? {} : { key }),
    },
    retryDelays: [],
  };
  const work = runTask(
    {
      definition,
      thisArg: undefined,
      args: [{ title, to, form: form === null ? null : JSON.stringify(form) }],
      site,
      future,
      frame,
      tags: frame.tags,
      around: frame.around ?? frame.scope.cancellation,
      mapId: null,
      itemIndex: null,
      mapEdges: null,
      onYield: null,
      isWaiting: true,
    },
    ports,
  );
  await work;
  return { future };
}

class Waiting {
  readonly #question: ApprovalQuestion;
  readonly #scope: TaskScope;
  readonly #place: ApprovalPlace;

  constructor(question: ApprovalQuestion, scope: TaskScope) {
    this.#question = question;
    this.#scope = scope;
    this.#place = { flowRunId: scope.flowRunId as ApprovalPlace['flowRunId'], id: scope.taskRunId };
  }

  async answer(): Promise<ReturnedState> {
    const { ports, record } = this.#scope;
    // Whoever answers looks for the step, and a later attempt for the question by it.
    await ports.recorder.settle(record, record.run.durability);
    await ports.recorder.flush();
    const request = await this.#ask();
    await this.#tell('requested', request.askedAt, { to: request.to, due: request.due });
    for (;;) {
      const known = await this.#approvals.read(this.#place);
      if (known.answer !== null) {
        const end = await this.#endWith(known.answer, request);
        if (end !== null) return end;
        continue;
      }
      const now = ports.clock.now();
      if (request.due !== null && now >= request.due) await this.#answerItself(now);
      else await sleep(ports.clock, (await this.#secondsToNext(request, known, now)) * 1000, this.#scope.signal);
    }
  }

  get #approvals() {
    return this.#scope.ports.client.control.approvals;
  }

  /** The question on record: this one, or the one that an earlier attempt has asked. */
  async #ask(): Promise<ApprovalRequest> {
    const earlier = (await this.#approvals.read(this.#place)).request;
    if (earlier !== null) return earlier;
    const { due, defaultValue, key: _key, validate: _validate, ...asked } = this.#question;
    const askedAt = this.#scope.ports.clock.now();
    const at = due === null ? null : 'at' in due ? due.at : addSeconds(askedAt, due.seconds);
    const request: ApprovalRequest = { ...asked, askedAt, due: at, hasDefault: defaultValue !== null };
    if (await this.#approvals.ask(this.#place, request)) {
      this.#scope.log(LOG_LEVELS.info, `Asked: ${request.title}${at === null ? '' : `, until ${formatInstant(at)}`}.`);
      return request;
    }
    return (await this.#approvals.read(this.#place)).request ?? request;
  }

  /** Nobody answered in time; a person who does so at this moment may be first. */
  async #answerItself(at: Instant): Promise<void> {
    const { defaultValue: value } = this.#question;
    await this.#approvals.answer(this.#place, { value, by: null, via: value === null ? 'due' : 'default', at });
  }

  /** Gives the reminders that are due. @returns when to look again */
  async #secondsToNext(request: ApprovalRequest, { reminded }: ApprovalRecord, now: Instant): Promise<number> {
    const passed = secondsBetween(request.askedAt, now);
    const look = passed < LATER_SECONDS ? LOOK_SECONDS : LOOK_SECONDS_LATER;
    const toDue = request.due === null ? Infinity : secondsBetween(now, request.due);
    if (request.reminderSeconds === null) return Math.min(look, toDue);
    const number = Math.floor(passed / request.reminderSeconds);
    if (number > reminded) {
      await this.#tell('reminded', addSeconds(request.askedAt, number * request.reminderSeconds), {
        number,
        to: request.to,
      });
      await this.#approvals.remind(this.#place, number);
    }
    return Math.min(look, toDue, (number + 1) * request.reminderSeconds - passed);
  }

  /** `null`: the answer does not fit, and was taken back. */
  async #endWith(answer: ApprovalAnswer, { title }: ApprovalRequest): Promise<ReturnedState | null> {
    const { by, via, at } = answer;
    const facts = { via, by, ...(answer.value === null ? {} : { answer: answer.value }) };
    if (via === 'due') {
      await this.#tell('defaulted', at, facts);
      throw new OstinatoError('timed-out', `Nobody answered "${title}" in time.`, {
        remedy: 'Give it a default, or more time; a retry asks again.',
      });
    }
    const checked = await this.#question.validate(valueOf(answer));
    if (!checked.ok) {
      const why = checked.problems.map(({ field, rule }) => (field === '' ? rule : `${field}: ${rule}`)).join('; ');
      this.#scope.log(LOG_LEVELS.warning, `The answer of ${by ?? 'somebody'} does not fit and is not taken: ${why}`);
      await this.#approvals.withdraw(this.#place);
      return null;
    }
    await this.#tell(via === 'default' ? 'defaulted' : 'answered', at, facts);
    return new ReturnedState('COMPLETED', {
      name: via === 'default' ? 'Defaulted' : 'Answered',
      message:
        via === 'default'
          ? 'Nobody answered in time: the default was taken.'
          : `Answered by ${by ?? 'somebody'} (${via}).`,
      value: checked.value,
    });
  }

  async #tell(what: ApprovalEvent['what'], occurred: Instant, payload: ApprovalEvent['payload']): Promise<void> {
    const { ports } = this.#scope;
    const { title } = this.#question;
    const id = derivedId(ports.hash, 'approval', this.#place.id, what, String(occurred));
    try {
      await this.#approvals.tell(this.#place, { id, what, occurred, title, payload: { title, ...payload } });
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      this.#scope.log(LOG_LEVELS.warning, `That it was ${what} could not be told as an event: ${error.message}`);
    }
  }
}

/** What is no JSON fits no form. */
function valueOf(answer: ApprovalAnswer): unknown {
  try {
    return answerValue(answer);
  } catch {
    return undefined;
  }
}
