/** Finds runs by what people type: the id, its first characters, or the run's name. */
import type { OstinatoClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { isUuid, type FlowRunId, type TaskRunId } from '../core/ids.ts';
import { idBegins, matching } from '../core/list-query.ts';
import { didYouMean } from '../core/nearest-word.ts';
import type { EntityByNoun } from '../core/query.ts';
import type { TaskRun } from '../core/task-run.ts';

/** Fewer characters of an id match by accident. */
const PREFIX_CHARS_MIN = 4;
/** Candidates that an error lists. */
const CANDIDATES_MAX = 8;
/** Newest runs whose names are compared with a mistyped one. */
const NAMES_MAX = 200;

export async function findFlowRun(client: OstinatoClient, word: string): Promise<FlowRun> {
  const found = await lookForFlowRun(client, word);
  if (found !== null) return found;
  const names = (await client.list('flow_run', { limit: NAMES_MAX })).map((run) => run.name);
  throw new OstinatoError('not-found', `There is no flow run "${word}".${didYouMean(word, names)}`, {
    remedy:
      names.length === 0
        ? 'No flow has run yet. Run one with: ostinato run FILE'
        : 'Take an id or a name from: ostinato flow-run ls',
  });
}

export async function findTaskRun(client: OstinatoClient, word: string): Promise<TaskRun> {
  const found = await lookForTaskRun(client, word);
  if (found !== null) return found;
  const names = new Set((await client.list('task_run', { limit: NAMES_MAX })).map((run) => run.name));
  throw new OstinatoError('not-found', `There is no task run "${word}".${didYouMean(word, names)}`, {
    remedy: 'Take an id or a name from: ostinato task-run ls',
  });
}

export type AnyRun =
  | { readonly kind: 'flow_run'; readonly run: FlowRun }
  | { readonly kind: 'task_run'; readonly run: TaskRun };

/** A flow run, or else a task run. */
export async function findAnyRun(client: OstinatoClient, word: string): Promise<AnyRun> {
  const flowRun = await lookForFlowRun(client, word);
  if (flowRun !== null) return { kind: 'flow_run', run: flowRun };
  const taskRun = await lookForTaskRun(client, word);
  if (taskRun !== null) return { kind: 'task_run', run: taskRun };
  const names = [
    ...(await client.list('flow_run', { limit: NAMES_MAX })),
    ...(await client.list('task_run', { limit: NAMES_MAX })),
  ].map((run) => run.name);
  throw new OstinatoError('not-found', `There is no flow run or task run "${word}".${didYouMean(word, names)}`, {
    remedy: 'Take an id or a name from: ostinato flow-run ls, or: ostinato task-run ls',
  });
}

async function lookForFlowRun(client: OstinatoClient, word: string): Promise<FlowRun | null> {
  if (isUuid(word)) return client.readFlowRun(word.toLowerCase() as FlowRunId);
  return await lookByWord(client, 'flow_run', word, 'flow runs');
}

async function lookForTaskRun(client: OstinatoClient, word: string): Promise<TaskRun | null> {
  if (isUuid(word)) return client.readTaskRun(word.toLowerCase() as TaskRunId);
  return await lookByWord(client, 'task_run', word, 'task runs');
}

/** The newest of that name, or else the one whose id begins so. */
async function lookByWord<N extends 'flow_run' | 'task_run'>(
  client: OstinatoClient,
  noun: N,
  word: string,
  what: string,
): Promise<EntityByNoun[N] | null> {
  const [named] = await client.list(noun, { where: matching({ name: word }), limit: 1 });
  if (named !== undefined) return named;
  if (!isIdPrefix(word)) return null;
  return single(word, await client.list(noun, { where: idBegins(word), limit: CANDIDATES_MAX + 1 }), what);
}

export function isIdPrefix(word: string): boolean {
  return word.replaceAll('-', '').length >= PREFIX_CHARS_MIN && /^[0-9a-f][0-9a-f-]*$/i.test(word);
}

/** `conflict` with the list of candidates when several ids start so. */
export function single<Named extends { readonly id: string; readonly name: string }>(
  prefix: string,
  found: readonly Named[],
  what: string,
): Named | null {
  if (found.length <= 1) return found[0] ?? null;
  const listed = found.slice(0, CANDIDATES_MAX).map(({ id, name }) => `  ${id}  ${name}`);
  const more = found.length > CANDIDATES_MAX ? '\n  …' : '';
  throw new OstinatoError('conflict', `"${prefix}" is the beginning of several ${what}:\n${listed.join('\n')}${more}`, {
    remedy: 'Type more of the id, or the name.',
  });
}
