/**
 * A hook that has to run, since its transaction was decided about, and that nobody has: it is on the record as a state
 * of its task run (and so as an event), with what is to be done. It stays due: an attempt that has the hook runs it.
 */

import { toFailureInfo } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import { COMMIT_INCOMPLETE, ROLLBACK_INCOMPLETE } from '../core/participation.ts';
import type { ProposedState } from '../core/state.ts';
import type { ValueRef } from '../core/value.ts';
import type { HookMark } from './hook-mark.ts';

const WHY: Readonly<Record<HookMark['madeIn'], string>> = {
  body: 'it was given in the body of a run, where it closes over what that run is about, the process that made it is gone, and no body has called its task again since',
  module: 'nothing in the code defines it any more, or several tasks that look the same have it',
  unknown: 'nothing in the code defines it any more, or it was given in the body of a run',
};

/** @param by the transaction */
export function hookMissing(kind: 'commit' | 'rollback', name: string, by: string, mark: HookMark): OstinatoError {
  const ended = kind === 'commit' ? 'was committed' : 'was rolled back';
  const what = kind === 'commit' ? 'Do what its hook would have done' : 'Take back by hand what it did';
  return new OstinatoError(
    'hook-missing',
    `The ${kind} hook of ${name} could not be found, although ${by} ${ended}: ${WHY[mark.madeIn]}.`,
    {
      remedy: `${what}, or continue the flow run with ostinato flow-run retry, so that its flow calls the task again. A hook that is given where the task is defined, outside of flows, is found always.`,
    },
  );
}

/** The effect of the task stands, which nobody wants: as bad as a failure, and the step is done again. */
export function rollbackIncomplete(error: OstinatoError): ProposedState {
  return { type: 'FAILED', name: ROLLBACK_INCOMPLETE, message: said(error), failure: toFailureInfo(error) };
}

/** @param data its result, which counts */
export function commitIncomplete(error: OstinatoError, data: ValueRef | null): ProposedState {
  return { type: 'COMPLETED', name: COMMIT_INCOMPLETE, message: said(error), data };
}

function said({ message, remedy }: OstinatoError): string {
  return remedy === undefined ? message : `${message} ${remedy}`;
}
