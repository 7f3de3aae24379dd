import { encodeFlow } from '../contract/encode/flow.ts';
import { flowsCondition } from '../contract/filter/related.ts';
import { flowFilter } from '../contract/filter/runs.ts';
import { flowSorts } from '../contract/filter/sort.ts';
import { BULK_MAX } from '../contract/body/list.ts';
import {
  COUNT_FLOWS,
  CREATE_FLOW,
  DELETE_FLOW,
  DELETE_FLOWS,
  FILTER_FLOWS,
  PAGINATE_FLOWS,
  READ_FLOW,
  READ_FLOW_BY_NAME,
  UPDATE_FLOW,
} from '../contract/routes/flows.ts';
import type { FlowId } from '../core/ids.ts';
import { EVERYTHING } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { paginate, queryOf } from './lists.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export function flowOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_FLOW, async ({ body }) => {
      const { flow, isNew } = await useCases.ensureFlow({
        name: body.name,
        tags: body.tags ?? [],
        labels: body.labels ?? {},
      });
      return isNew ? created(encodeFlow(flow)) : ok(encodeFlow(flow));
    }),
    operation(READ_FLOW, async ({ params }) =>
      ok(encodeFlow(found(await useCases.readFlow(params['id'] as FlowId), 'Flow'))),
    ),
    operation(READ_FLOW_BY_NAME, async ({ params }) => {
      const [flow] = await useCases.find(
        'flow',
        queryOf({ op: 'eq', field: 'name', value: params['name'] ?? '' }, [], { limit: 1 }),
      );
      return ok(encodeFlow(found(flow ?? null, 'Flow')));
    }),
    operation(UPDATE_FLOW, async ({ params, body }) => {
      const id = params['id'] as FlowId;
      const isThere = body.tags ? await useCases.tagFlow(id, body.tags) : (await useCases.readFlow(id)) !== null;
      found(isThere || null, 'Flow');
      return NO_CONTENT;
    }),
    operation(DELETE_FLOW, async ({ params }) => {
      found((await useCases.deleteFlow(params['id'] as FlowId)) || null, 'Flow');
      return NO_CONTENT;
    }),
    ...flowLists(useCases),
  ];
}

function flowLists(useCases: UseCases): readonly Operation[] {
  return [
    operation(FILTER_FLOWS, async ({ body }) => {
      const flows = await useCases.find('flow', queryOf(flowsCondition(body), flowSorts.of(body.sort), body));
      return ok(flows.map(encodeFlow));
    }),
    operation(COUNT_FLOWS, async ({ body }) => ok(await useCases.count('flow', flowsCondition(body)))),
    operation(PAGINATE_FLOWS, async ({ body }) => {
      const where = flowsCondition(body);
      return ok(
        await paginate(useCases, 'flow', where, body, async (page) =>
          (await useCases.find('flow', queryOf(where, flowSorts.of(body.sort), page))).map(encodeFlow),
        ),
      );
    }),
    operation(DELETE_FLOWS, async ({ body }) => {
      const where = body.flows ? flowFilter.condition(body.flows) : EVERYTHING;
      const deleted: string[] = [];
      for (const { id } of await useCases.find(
        'flow',
        queryOf(where, flowSorts.of(null), { limit: body.limit ?? BULK_MAX }),
      )) {
        if (await useCases.deleteFlow(id)) deleted.push(id);
      }
      return ok({ deleted });
    }),
  ];
}
