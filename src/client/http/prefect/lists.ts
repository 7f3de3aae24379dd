/** Filters and pages as Prefect's server takes them. */

import type { FlowRunFilter, LogFilter, TaskRunFilter } from '../../../core/filter.ts';
import type { FlowRunId } from '../../../core/ids.ts';

/** Rows of the largest page. */
export const PAGE_MAX = 200;

type Remote = (id: FlowRunId) => string;

export function flowRunBody(filter: FlowRunFilter, remote: Remote): object {
  const { ids, name, flowName, stateTypes, stateNames, tags, parentTaskRunId, rootOnly } = filter;
  const state = {
    ...(stateTypes ? { type: { any_: stateTypes } } : {}),
    ...(stateNames ? { name: { any_: stateNames } } : {}),
  };
  return {
    ...(flowName === undefined ? {} : { flows: { name: { any_: [flowName] } } }),
    flow_runs: {
      ...(ids ? { id: { any_: ids.map(remote) } } : {}),
      ...(name === undefined ? {} : { name: { any_: [name] } }),
      ...(stateTypes || stateNames ? { state } : {}),
      ...(tags ? { tags: { all_: tags } } : {}),
      ...(parentTaskRunId
        ? { parent_task_run_id: { any_: [parentTaskRunId] } }
        : rootOnly
          ? { parent_task_run_id: { is_null_: true } }
          : {}),
    },
  };
}

export function taskRunBody(filter: TaskRunFilter, remote: Remote): object {
  const { ids, name, flowRunId, stateTypes, stateNames } = filter;
  const state = {
    ...(stateTypes ? { type: { any_: stateTypes } } : {}),
    ...(stateNames ? { name: { any_: stateNames } } : {}),
  };
  return {
    task_runs: {
      ...(ids ? { id: { any_: ids } } : {}),
      ...(name === undefined ? {} : { name: { any_: [name] } }),
      ...(flowRunId === undefined ? {} : { flow_run_id: { any_: [remote(flowRunId)] } }),
      ...(stateTypes || stateNames ? { state } : {}),
    },
  };
}

export function logBody({ flowRunId, taskRunId, levelMin }: LogFilter, remote: Remote): object {
  return {
    logs: {
      ...(flowRunId === undefined ? {} : { flow_run_id: { any_: [remote(flowRunId)] } }),
      ...(taskRunId === undefined ? {} : { task_run_id: { any_: [taskRunId] } }),
      ...(levelMin === undefined ? {} : { level: { ge_: levelMin } }),
    },
  };
}

/**
 * Prefect's lists page by offset, ours by the last row: remembers the offset after each row that ended a page. A page
 * after an unknown row starts from the beginning.
 */
export class Cursors {
  readonly #offsets = new Map<string, number>();

  offsetAfter(id: string | undefined): number {
    return id === undefined ? 0 : (this.#offsets.get(id) ?? 0);
  }

  remember(id: string | undefined, offset: number): void {
    if (id === undefined) return;
    if (this.#offsets.size >= CURSORS_MAX) this.#offsets.clear();
    this.#offsets.set(id, offset);
  }
}

const CURSORS_MAX = 1000;
