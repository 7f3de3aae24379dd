/** What is recorded, as tests ask for it: read from the store, so that it is what a later process would find. */

import type { OstinatoClient } from '../client/port.ts';
import type { Artifact } from '../core/artifact.ts';
import { decodeValue } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { isUuid, type FlowRunId, type TaskRunId } from '../core/ids.ts';
import { keyOf, matching, ofFlow, ROOT_RUNS, withTags, type KeyPage, type ListedNoun } from '../core/list-query.ts';
import { LOG_LEVELS, type LogRecord } from '../core/log.ts';
import { allOf, type Condition, type EntityByNoun } from '../core/query.ts';
import type { State, StateType } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { ValueRef } from '../core/value.ts';
import type { Variable } from '../core/variable.ts';
import type { Explanation } from '../core/why.ts';

const PAGE = 1000;

type Kind = 'flow' | 'task';

/** All parts must hold. */
export interface FlowRunQuery {
  readonly flowName?: string;
  readonly name?: string;
  readonly stateTypes?: readonly StateType[];
  /** Runs that carry all of these. */
  readonly tags?: readonly string[];
  /** Only runs that no other flow run started. */
  readonly rootOnly?: boolean;
}

/** All parts must hold. */
export interface TaskRunQuery {
  readonly flowRunId?: FlowRunId;
  readonly name?: string;
  readonly stateTypes?: readonly StateType[];
}

export interface LogQuery {
  readonly flowRunId?: FlowRunId;
  readonly taskRunId?: TaskRunId;
  /** Lowest level that counts. */
  readonly level?: keyof typeof LOG_LEVELS;
}

export class Recordings {
  readonly #client: OstinatoClient;
  readonly #flush: () => Promise<void>;

  /** @param flush brings what the living process has not shipped yet into the store */
  constructor(client: OstinatoClient, flush: () => Promise<void>) {
    this.#client = client;
    this.#flush = flush;
  }

  /** Oldest first. */
  async flowRuns({ flowName, name, stateTypes, tags, rootOnly }: FlowRunQuery = {}): Promise<readonly FlowRun[]> {
    return await this.#all('flow_run', [
      matching({ name, stateType: stateTypes }),
      ...(flowName === undefined ? [] : [ofFlow(flowName)]),
      ...(tags === undefined ? [] : [withTags(tags)]),
      ...(rootOnly === true ? [ROOT_RUNS] : []),
    ]);
  }

  /** Oldest first. */
  async taskRuns({ flowRunId, name, stateTypes }: TaskRunQuery = {}): Promise<readonly TaskRun[]> {
    return await this.#all('task_run', [matching({ flowRunId, name, stateType: stateTypes })]);
  }

  /**
   * The one run with this name, of this task or flow, or with this id. `not-found`, `conflict` when there are several.
   */
  async flowRun(name: string): Promise<FlowRun> {
    return theOnly(
      'flow',
      name,
      isUuid(name) ? await this.#all('flow_run', [matching({ id: name })]) : await this.flowRuns(),
      (run) => run.flowName,
    );
  }

  async taskRun(name: string): Promise<TaskRun> {
    return theOnly(
      'task',
      name,
      isUuid(name) ? await this.#all('task_run', [matching({ id: name })]) : await this.taskRuns(),
      (run) => run.taskName,
    );
  }

  /** Every state that the run entered, oldest first. The run is named as for `taskRun`, else as for `flowRun`. */
  async stateHistory(name: string): Promise<readonly State[]> {
    const tasks = (await this.taskRuns()).filter((run) => isNamed(run, name, run.taskName));
    if (tasks.length > 0)
      return await this.#client.listTaskRunStates(theOnly('task', name, tasks, (run) => run.taskName).id);
    return await this.#client.listFlowRunStates((await this.flowRun(name)).id);
  }

  /** Names of the states that the run entered: `['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'Completed']`. */
  async states(name: string): Promise<readonly string[]> {
    return (await this.stateHistory(name)).map((state) => state.name);
  }

  /** In order of their writing. */
  async logs(query: LogQuery = {}): Promise<readonly LogRecord[]> {
    const { level, flowRunId, taskRunId } = query;
    return await this.#all('log', [
      matching({ flowRunId, taskRunId }),
      ...(level === undefined ? [] : [{ op: 'ge', field: 'level', value: LOG_LEVELS[level] } as const]),
    ]);
  }

  /** Oldest first. */
  async #all<N extends ListedNoun>(noun: N, conditions: readonly Condition[]): Promise<EntityByNoun[N][]> {
    await this.#flush();
    const all: EntityByNoun[N][] = [];
    for (let after: KeyPage<N>['after']; ;) {
      const page = await this.#client.list(noun, { where: allOf(conditions), direction: 'asc', after, limit: PAGE });
      all.push(...page);
      if (page.length < PAGE) return all;
      after = keyOf(noun, page.at(-1) as EntityByNoun[N]);
    }
  }

  /** Messages only. */
  async messages(query: LogQuery = {}): Promise<readonly string[]> {
    return (await this.logs(query)).map(({ message }) => message);
  }

  /** Oldest first. */
  async artifacts(): Promise<readonly Artifact[]> {
    return (await this.#client.control.artifacts.list({}, { limit: Number.MAX_SAFE_INTEGER })).toReversed();
  }

  async variables(): Promise<readonly Variable[]> {
    return await this.#client.control.variables.list({ limit: PAGE });
  }

  /** A recorded value: a result, or parameters. `value-missing` for one that was not kept. */
  async value(ref: ValueRef | null): Promise<unknown> {
    const text =
      ref === null || ref.kind === 'unpersisted' || ref.kind === 'foreign'
        ? null
        : ref.kind === 'inline'
          ? ref.text
          : await this.#client.results.read(ref.key);
    if (text === null)
      throw new OstinatoError('value-missing', 'That value was not kept.', {
        remedy: 'Values that no codec can write are not kept: look at the value while the run has it.',
      });
    return decodeValue(text);
  }

  /** What `ostinato why` says. */
  async why(name: string): Promise<Explanation | null> {
    const tasks = (await this.taskRuns()).filter((run) => isNamed(run, name, run.taskName));
    return await this.#client.explainRun(
      tasks.length > 0 ? theOnly('task', name, tasks, (run) => run.taskName).id : (await this.flowRun(name)).id,
    );
  }
}

function isNamed(run: { readonly id: string; readonly name: string }, name: string, definitionName: string): boolean {
  return run.id === name || run.name === name || definitionName === name;
}

function theOnly<Run extends { readonly id: string; readonly name: string; readonly state: State }>(
  kind: Kind,
  name: string,
  runs: readonly Run[],
  definitionName: (run: Run) => string,
): Run {
  const exact = runs.filter((run) => run.id === name || run.name === name);
  const found = exact.length > 0 ? exact : runs.filter((run) => definitionName(run) === name);
  const [only] = found;
  if (only && found.length === 1) return only;
  const there =
    runs
      .slice(0, 10)
      .map((run) => run.name)
      .join(', ') || 'none';
  if (!only)
    throw new OstinatoError('not-found', `No ${kind} run is named ${JSON.stringify(name)}.`, {
      remedy: `Runs that were recorded: ${there}.`,
    });
  throw new OstinatoError('conflict', `${found.length} ${kind} runs are named ${JSON.stringify(name)}.`, {
    remedy: `Ask for one of them: ${found
      .slice(0, 10)
      .map((run) => run.name)
      .join(', ')}, or by id.`,
  });
}
