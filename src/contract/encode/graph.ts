import type { Artifact } from '../../core/artifact.ts';
import type { FlowRunGraph } from '../../core/flow-run-graph.ts';
import type { TaskRun } from '../../core/task-run.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import type * as wire from '../schema/graph.ts';
import { instantOrNull } from './instant.ts';
import { encodeTaskRun } from './task-run.ts';

export function encodeGraph(graph: FlowRunGraph): wire.Graph {
  const newest = newestByKey([...graph.artifacts, ...graph.nodes.flatMap(({ artifacts }) => artifacts)]);
  const artifacts = (of: readonly Artifact[]) => of.map((artifact) => encodeArtifact(artifact, newest));
  return {
    start_time: instantOrNull(graph.startTime),
    end_time: instantOrNull(graph.endTime),
    root_node_ids: [...graph.rootNodeIds],
    nodes: graph.nodes.map((node) => [
      node.id,
      {
        kind: node.kind,
        id: node.id,
        label: node.label,
        state_type: node.stateType,
        start_time: formatInstant(node.startTime),
        end_time: instantOrNull(node.endTime),
        parents: edges(node.parents),
        children: edges(node.children),
        encapsulating: edges(node.encapsulating),
        artifacts: artifacts(node.artifacts),
      },
    ]),
    artifacts: artifacts(graph.artifacts),
    states: graph.states.map(({ id, timestamp, type, name }) => ({
      id,
      timestamp: formatInstant(timestamp),
      type,
      name,
    })),
  };
}

function edges(ids: readonly string[]): { id: string }[] {
  return ids.map((id) => ({ id }));
}

function newestByKey(artifacts: readonly Artifact[]): ReadonlyMap<string, string> {
  const newest = new Map<string, Artifact>();
  for (const artifact of artifacts) {
    if (artifact.key === null) continue;
    const known = newest.get(artifact.key);
    if (known === undefined || known.createdAt <= artifact.createdAt) newest.set(artifact.key, artifact);
  }
  return new Map([...newest].map(([key, { id }]) => [key, id]));
}

function encodeArtifact(
  { id, createdAt, key, type, data }: Artifact,
  newest: ReadonlyMap<string, string>,
): wire.Graph['artifacts'][number] {
  return {
    id,
    created: formatInstant(createdAt),
    key,
    type,
    is_latest: key === null || newest.get(key) === id,
    data: type === 'progress' ? data : null,
  };
}

/** @param now for the estimate, which counts the stretch that is under way */
export function encodeDependency(run: TaskRun, now: Instant): wire.Dependency {
  const encoded = encodeTaskRun(run, now);
  const upstream = new Map(
    Object.values(encoded.task_inputs)
      .flat()
      .map((input) => [JSON.stringify(input), input]),
  );
  return {
    id: run.id,
    name: run.name,
    upstream_dependencies: [...upstream.values()],
    state: encoded.state,
    expected_start_time: encoded.expected_start_time,
    start_time: encoded.start_time,
    end_time: encoded.end_time,
    total_run_time: encoded.total_run_time,
    estimated_run_time: encoded.estimated_run_time,
    untrackable_result: run.state.details.untrackableResult === true,
  };
}
