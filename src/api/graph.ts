import { instantIn } from '../contract/decode/state.ts';
import { encodeDependency, encodeGraph } from '../contract/encode/graph.ts';
import { READ_DEPENDENCIES, READ_GRAPH } from '../contract/routes/graph.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRunId } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { found, ok, operation, type Operation } from './operation.ts';

/** Most dependencies that one answer lists. */
const DEPENDENCIES_MAX = 10_000;

export function graphOperations({
  useCases,
  clock,
}: {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}): readonly Operation[] {
  return [
    operation(READ_GRAPH, async ({ params, query }) => {
      try {
        return ok(
          encodeGraph(
            found(
              await useCases.drawFlowRun(params['id'] as FlowRunId, instantIn(query.since) ?? null),
              `Flow run ${params['id']}`,
            ),
          ),
        );
      } catch (error) {
        // Prefect's pages expect this status for a graph that is too large.
        if (OstinatoError.is(error) && error.code === 'bad-input')
          return { status: 400, body: { detail: error.message } };
        throw error;
      }
    }),
    operation(READ_DEPENDENCIES, async ({ params }) => {
      const { id } = found(await useCases.readFlowRun(params['id'] as FlowRunId), `Flow run with id ${params['id']}`);
      const now = clock.now();
      return ok((await useCases.taskRunsOf(id, DEPENDENCIES_MAX)).map((run) => encodeDependency(run, now)));
    }),
  ];
}
