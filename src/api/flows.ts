import { CREATE_FLOW, READ_FLOW } from '../contract/routes/flows.ts';
import { encodeFlow } from '../contract/encode/flow.ts';
import type { FlowId } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { created, found, ok, operation, type Operation } from './operation.ts';

export function flowOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_FLOW, async ({ body }) => {
      const { flow, isNew } = await useCases.ensureFlow({ name: body.name, tags: body.tags ?? [], labels: body.labels ?? {} });
      return isNew ? created(encodeFlow(flow)) : ok(encodeFlow(flow));
    }),
    operation(READ_FLOW, async ({ params }) => ok(encodeFlow(found(await useCases.readFlow(params['id'] as FlowId), 'Flow')))),
  ];
}
