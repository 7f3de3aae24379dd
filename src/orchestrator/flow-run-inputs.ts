/** What is given to a flow run while it runs. */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRunInput } from '../core/flow-run-input.ts';
import type { FlowRunId, FlowRunInputId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { FlowRunInputStorage } from '../store/port/flow-run-inputs.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Keys become parts of addresses: letters, digits, dashes (Prefect's rule). */
const KEY = /^[A-Za-z0-9-]*$/;
/** More inputs are not read at once. */
export const INPUTS_READ_MAX = 1000;

/** `bad-input` for a key that cannot be, `conflict` for one that is taken, `not-found` for an unknown run. */
export function giveInput(ports: OrchestratorPorts, request: Pick<FlowRunInput, 'flowRunId' | 'key' | 'value' | 'sender'>): MaybePromise<void> {
  const { storage, ids, clock } = ports;
  if (!KEY.test(request.key)) {
    throw new OstinatoError('bad-input', `The input key ${JSON.stringify(request.key.slice(0, 60))} has other characters than letters, digits and dashes.`);
  }
  return chain(storage.insertFlowRunInput({ ...request, id: ids.next<FlowRunInputId>(), createdAt: clock.now() }), (outcome) => {
    if (outcome === 'key-taken') throw new OstinatoError('conflict', 'A flow run input with this key already exists.');
    if (outcome === 'no-flow-run') throw new OstinatoError('not-found', 'Flow run not found');
  });
}

/** @param filter its limit is bounded by `INPUTS_READ_MAX`; a negative one asks for all */
export function listInputs(
  { storage }: OrchestratorPorts, id: FlowRunId, filter: Parameters<FlowRunInputStorage['listFlowRunInputs']>[1],
): MaybePromise<readonly FlowRunInput[]> {
  const limit = filter.limit < 0 ? INPUTS_READ_MAX : Math.min(filter.limit, INPUTS_READ_MAX);
  return storage.listFlowRunInputs(id, { ...filter, limit });
}
