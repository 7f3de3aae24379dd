/** `ostinato approval`: lists the questions of flows, and answers one. */

import type { ApprovalPlace } from '../client/control/approvals.ts';
import type { OstinatoClient } from '../client/port.ts';
import { APPROVAL_TASK_KEY, type ApprovalAnswer, type ApprovalRequest } from '../core/approval.ts';
import { OstinatoError } from '../core/errors.ts';
import { matching } from '../core/list-query.ts';
import { printableLine } from '../core/printable.ts';
import type { TaskRun } from '../core/task-run.ts';
import { formatInstant, secondsBetween, type Instant } from '../core/time.ts';
import { checkJson } from '../platform/json-schema.ts';
import { exactly, heldValue } from '../core/written-number.ts';
import { sourceByHand } from '../sdk/version-source.ts';
import type { AnswerOptions } from './commands/approval.ts';
import { findAnyRun } from './find-run.ts';
import { showAgo, showShort } from './format.ts';
import { withClient } from './open-client.ts';
import { printResult, type OutputOptions } from './output.ts';
import { readNamedWords } from './run-parameters.ts';
import { renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

/** A question that has no answer yet. */
interface Open {
  readonly place: ApprovalPlace;
  readonly request: ApprovalRequest;
  readonly flowRun: string;
}

/** A run whose process is gone may be answered: it goes on with that. */
const WAITING = ['RUNNING', 'CRASHED'] as const;
/** Runs that are looked at for questions without an answer. */
const LOOKED_AT_MAX = 1000;

async function openOnes(
  client: OstinatoClient,
  limit: number,
  only: { readonly flowRunId?: string; readonly id?: string } = {},
): Promise<readonly Open[]> {
  const where = matching({ taskKey: APPROVAL_TASK_KEY, stateType: WAITING, ...only });
  const open: Open[] = [];
  for (const run of await client.list('task_run', { where, limit: LOOKED_AT_MAX })) {
    if (open.length >= limit) break;
    const found = await openIn(client, run);
    if (found !== null) open.push(found);
  }
  return open;
}

async function openIn(client: OstinatoClient, { id, flowRunId }: TaskRun): Promise<Open | null> {
  if (flowRunId === null) return null;
  const place = { flowRunId, id };
  const { request, answer } = await client.control.approvals.read(place);
  if (request === null || answer !== null) return null;
  return { place, request, flowRun: (await client.readFlowRun(flowRunId))?.name ?? flowRunId };
}

export async function listApprovals(terminal: Terminal, limit: number, output: OutputOptions['output']): Promise<void> {
  await withClient(terminal, async ({ client, clock }) => {
    const rows = await openOnes(client, limit);
    const now = clock.now();
    const columns: Column<Open>[] = [
      { title: 'RUN', text: ({ flowRun }) => flowRun, is: 'whole' },
      { title: 'QUESTION', text: ({ request }) => printableLine(request.title), shrinks: true },
      { title: 'FOR', text: ({ request }) => printableLine(request.to.join(', ')), shrinks: true, drops: 2 },
      { title: 'ASKED', text: ({ request }) => showAgo(request.askedAt, now), drops: 1 },
      { title: 'DUE', text: ({ request }) => dueText(request.due, now) },
    ];
    printResult(terminal, output, rows.map(asJson), () =>
      rows.length === 0 ? 'Nothing waits for an answer.' : renderTable(rows, columns, terminal),
    );
  });
}

function dueText(due: Instant | null, now: Instant): string {
  if (due === null) return '';
  return due <= now ? 'over' : `in ${showShort(secondsBetween(now, due))}`;
}

function asJson({ place, request, flowRun }: Open): object {
  const { title, description, to, form, askedAt, due, hasDefault } = request;
  return {
    id: place.id,
    flow_run_id: place.flowRunId,
    flow_run_name: flowRun,
    title,
    description,
    to,
    form,
    asked: formatInstant(askedAt),
    due: due === null ? null : formatInstant(due),
    has_default: hasDefault,
  };
}

export async function answerApproval(terminal: Terminal, word: string, options: AnswerOptions): Promise<void> {
  await withClient(terminal, async ({ client, clock }) => {
    const { place, request, flowRun } = await openBy(client, word);
    const { value, exactValue } = exactly(valueOf(request, options));
    const misfit = request.form === null ? null : checkJson(request.form, value);
    if (misfit !== null)
      throw new OstinatoError(
        'bad-input',
        `The answer does not fit the form of "${request.title}": ${misfit.at === '' ? '' : `${misfit.at}: `}${misfit.reason}`,
        { remedy: `Its form: ${JSON.stringify(request.form)}` },
      );
    const by = sourceByHand().by ?? null;
    const given: ApprovalAnswer = { value: exactValue ?? JSON.stringify(value), by, via: 'cli', at: clock.now() };
    if (!(await client.control.approvals.answer(place, given))) throw await answeredBefore(client, place, request);
    printResult(
      terminal,
      options.output,
      { id: place.id, flow_run_name: flowRun, title: request.title, answer: value },
      () => `Answered "${printableLine(request.title)}" of flow run ${flowRun}.`,
    );
  });
}

/** The one open question of the run. `not-found` when there is none; `conflict` when there are several. */
async function openBy(client: OstinatoClient, word: string): Promise<Open> {
  const { kind, run } = await findAnyRun(client, word);
  const only = kind === 'flow_run' ? { flowRunId: run.id } : { id: run.id };
  const [first, ...others] = await openOnes(client, LOOKED_AT_MAX, only);
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined)
    throw new OstinatoError(
      'conflict',
      `Flow run ${run.name} waits for ${others.length + 1} answers:\n${[first, ...others].map(({ place, request }) => `  ${place.id}  ${request.title}`).join('\n')}`,
      { remedy: 'Give the id of the one that you mean.' },
    );
  const answered =
    kind === 'task_run' && run.flowRunId !== null
      ? { flowRunId: run.flowRunId, id: run.id }
      : await lastIn(client, run.id);
  const known = answered === null ? null : await client.control.approvals.read(answered);
  if (answered !== null && known?.request && known.answer !== null)
    throw await answeredBefore(client, answered, known.request);
  throw new OstinatoError('not-found', `Run "${run.name}" waits for no answer.`, {
    remedy: 'See what does: ostinato approval ls',
  });
}

/** The newest question of the flow run, answered or not. */
async function lastIn(client: OstinatoClient, flowRunId: string): Promise<ApprovalPlace | null> {
  const where = matching({ taskKey: APPROVAL_TASK_KEY, flowRunId });
  const [run] = await client.list('task_run', { where, limit: 1 });
  return run === undefined || run.flowRunId === null ? null : { flowRunId: run.flowRunId, id: run.id };
}

async function answeredBefore(
  client: OstinatoClient,
  place: ApprovalPlace,
  { title }: ApprovalRequest,
): Promise<OstinatoError> {
  const { answer } = await client.control.approvals.read(place);
  const how =
    answer?.via === 'default'
      ? 'Nobody answered in time, and the default was taken'
      : answer?.via === 'due'
        ? 'Nobody answered in time'
        : `It was answered before, by ${answer?.by ?? 'somebody'}`;
  const what = answer?.value === undefined || answer.value === null ? '' : `: ${answer.value}`;
  return new OstinatoError('conflict', `"${title}" waits for no answer any more. ${how}${what}.`, {
    remedy: 'The first answer counts.',
  });
}

function valueOf(request: ApprovalRequest, { approve, reject, comment, set = [] }: AnswerOptions): unknown {
  if (approve === true && reject === true)
    throw new OstinatoError('bad-input', 'An answer is --approve or --reject, not both.');
  if (approve !== true && reject !== true && comment === undefined && set.length === 0)
    throw new OstinatoError('bad-input', `What is the answer to "${request.title}"?`, {
      remedy: 'Say --approve or --reject, or the fields of its form: --set NAME=VALUE',
    });
  const named = readNamedWords(set, { noun: 'field', flag: '--set', example: 'days=3' });
  const fields = [...named].map(([name, text]): [string, unknown] => [name, fieldValue(request, name, text)]);
  return {
    ...(approve === true ? { approved: true } : reject === true ? { approved: false } : {}),
    ...(comment === undefined ? {} : { comment }),
    ...Object.fromEntries(fields),
  };
}

/** A text where the form wants one; else the JSON that it is. */
function fieldValue({ form }: ApprovalRequest, name: string, text: string): unknown {
  const properties = form?.['properties'] as
    | Readonly<Record<string, { readonly type?: unknown } | undefined>>
    | undefined;
  const wanted = properties !== undefined && Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
  if (wanted === 'string') return text;
  try {
    return heldValue(text);
  } catch {
    return text;
  }
}
