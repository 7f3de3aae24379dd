import type { Flow, Labels } from '../core/flow-run.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { flowCreated } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** The flow of that name, created if missing; an existing one stays as it is. `bad-input` for an empty name. */
export function ensureFlow(
  { storage, ids, clock }: OrchestratorPorts,
  request: { readonly name: string; readonly tags: readonly string[]; readonly labels: Labels },
): MaybePromise<{ readonly flow: Flow; readonly isNew: boolean }> {
  if (request.name.trim() === '') throw new OstinatoError('bad-input', 'A flow needs a name.');
  const fresh: Flow = { ...request, id: ids.next<FlowId>(), createdAt: clock.now() };
  return chain(
    storage.ensureFlow(request.name, () => fresh, flowCreated(ids)),
    (flow) => ({ flow, isNew: flow.id === fresh.id }),
  );
}
