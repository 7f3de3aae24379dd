/** Edges as Prefect's server records them: one for each task run, also where ours names a whole fan-out. */

import type { FlowRunId, TaskRunId } from '../../../core/ids.ts';
import type { MapId, TaskInput, TaskRun } from '../../../core/task-run.ts';
import type { RunIds } from './run-ids.ts';

/** Most edges for one fan-out; of a larger one only the first task runs are named. */
const EDGES_OF_MAP_MAX = 1000;
/** Fan-outs that are remembered as possible inputs of later tasks. */
const MAPS_MAX = 200;
const PLACED_MAX = 10_000;

export class TaskInputs {
  readonly #ids: RunIds;
  readonly #maps = new Map<string, Set<TaskRunId>>();
  readonly #placed = new Set<TaskRunId>();

  constructor(ids: RunIds) {
    this.#ids = ids;
  }

  /** Remembers which fan-out the run belongs to. */
  saw(run: TaskRun): void {
    if (run.mapId === null) return;
    const fanOut = nameOf(run.flowRunId, run.mapId);
    let members = this.#maps.get(fanOut);
    if (members === undefined) {
      if (this.#maps.size >= MAPS_MAX) this.#maps.delete(this.#maps.keys().next().value ?? '');
      this.#maps.set(fanOut, (members = new Set()));
    }
    if (members.size < EDGES_OF_MAP_MAX) members.add(run.id);
  }

  /** @param flowRunId the flow run that the edge leads into */
  wire(edge: TaskInput, flowRunId: FlowRunId | null): readonly object[] {
    switch (edge.kind) {
      case 'task_run':
        return [{ input_type: 'task_run', id: edge.id }];
      case 'flow_run':
        return [{ input_type: 'flow_run', id: this.#ids.remote(edge.id) }];
      case 'map':
        return [...(this.#maps.get(nameOf(flowRunId, edge.id)) ?? [])].map((id) => ({ input_type: 'task_run', id }));
      case 'parameter':
        return [{ input_type: 'parameter', name: edge.name }];
      case 'constant':
        return [{ input_type: 'constant', type: edge.type }];
    }
  }

  /** The task run was created as the placeholder of a subflow: from then on the server updates it. */
  placed(id: TaskRunId): void {
    if (this.#placed.size >= PLACED_MAX) this.#placed.delete(this.#placed.keys().next().value as TaskRunId);
    this.#placed.add(id);
  }

  isPlaced(id: TaskRunId): boolean {
    return this.#placed.has(id);
  }
}

/** Map ids are unique only within a flow run. */
function nameOf(flowRunId: FlowRunId | null, id: MapId): string {
  return `${flowRunId ?? ''} ${id}`;
}
