/** Input that is given to a flow run while it runs. */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRunInput } from '../core/flow-run-input.ts';
import type { FlowRunId, FlowRunInputId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { allOf } from '../core/query.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Keys are used in URLs: letters, digits, dashes (Prefect's rule). */
const KEY = /^[A-Za-z0-9-]*$/;
/** Most inputs that are read at once. */
export const INPUTS_READ_MAX = 1000;

/** `bad-input` for an invalid key, `conflict` for one that is taken, `not-found` for an unknown run. */
export function giveInput(
  ports: OrchestratorPorts,
  request: Pick<FlowRunInput, 'flowRunId' | 'key' | 'value' | 'sender'>,
): MaybePromise<void> {
  const { storage, ids, clock } = ports;
  if (!KEY.test(request.key)) {
    throw new OstinatoError(
      'bad-input',
      `The input key ${JSON.stringify(request.key.slice(0, 60))} has other characters than letters, digits and dashes.`,
    );
  }
  return chain(
    storage.insertFlowRunInput({ ...request, id: ids.next<FlowRunInputId>(), createdAt: clock.now() }),
    (outcome) => {
      if (outcome === 'key-taken')
        throw new OstinatoError('conflict', 'A flow run input with this key already exists.');
      if (outcome === 'no-flow-run') throw new OstinatoError('not-found', 'Flow run not found');
    },
  );
}

export function flowRunInputUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    giveInput: (request: Parameters<typeof giveInput>[1]) => giveInput(ports, request),
    readInput: (id: FlowRunId, key: FlowRunInput['key']) => storage.readFlowRunInput(id, key),
    listInputs: (id: FlowRunId, filter: InputFilter) => listInputs(ports, id, filter),
    deleteInput: (id: FlowRunId, key: FlowRunInput['key']) => storage.deleteFlowRunInput(id, key),
  };
}

export interface InputFilter {
  /** Of their keys, in this very case. */
  readonly prefix: string;
  readonly excludeKeys: readonly string[];
  /** At most `INPUTS_READ_MAX`; a negative one asks for all. */
  readonly limit: number;
}

/** Oldest first. */
export function listInputs(
  { storage }: OrchestratorPorts,
  id: FlowRunId,
  { prefix, excludeKeys, limit }: InputFilter,
): MaybePromise<readonly FlowRunInput[]> {
  return storage.find('flow_run_input', {
    where: allOf([
      { op: 'eq', field: 'flowRunId', value: id },
      { op: 'hasPrefix', field: 'key', text: prefix },
      { op: 'notIn', field: 'key', values: excludeKeys },
    ]),
    sort: [{ field: 'createdAt', direction: 'asc' }],
    limit: limit < 0 ? INPUTS_READ_MAX : Math.min(limit, INPUTS_READ_MAX),
    offset: 0,
  });
}
