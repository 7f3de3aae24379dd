import {
  CREATE_INPUT,
  DELETE_INPUT,
  encodeFlowRunInput,
  FILTER_INPUTS,
  READ_INPUT,
} from '../contract/flow-run-input.ts';
import type { FlowRunId } from '../core/ids.ts';
import type { ControlUseCases } from '../orchestrator/control-plane.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export function flowRunInputOperations(useCases: ControlUseCases): readonly Operation[] {
  const flowRun = (params: Readonly<Record<string, string>>): FlowRunId => params['id'] as FlowRunId;
  return [
    operation(CREATE_INPUT, async ({ params, body }) => {
      await useCases.giveInput({
        flowRunId: flowRun(params),
        key: body.key,
        value: body.value,
        sender: body.sender ?? null,
      });
      return created(null);
    }),
    operation(FILTER_INPUTS, async ({ params, body }) => {
      const filter = { prefix: body.prefix, excludeKeys: body.exclude_keys ?? [], limit: body.limit ?? 1 };
      return ok((await useCases.listInputs(flowRun(params), filter)).map(encodeFlowRunInput));
    }),
    operation(READ_INPUT, async ({ params }) => {
      const input = found(await useCases.readInput(flowRun(params), params['key'] as string), 'Flow run input');
      return { status: 200, text: { content: input.value, type: 'text/plain; charset=utf-8' } };
    }),
    operation(DELETE_INPUT, async ({ params }) => {
      found((await useCases.deleteInput(flowRun(params), params['key'] as string)) ? params : null, 'Flow run input');
      return NO_CONTENT;
    }),
  ];
}
