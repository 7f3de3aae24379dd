/**
 * Continuing a run whose flow is called at the top level of a script.
 *
 * `flow-run retry` imports the file for its definitions, which holds such calls back (see `registry.ts`). The one
 * exception is the call that the retry waits for: the first one of that flow becomes the run that is continued.
 */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { isSeveral } from './alike.ts';
import type { FlowDefinition } from './definitions.ts';
import type { FlowFuture } from './future.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import { isHeldBack, isOfAnotherFlow, loadMode } from './registry.ts';

interface Offer {
  readonly flowRunId: FlowRunId;
  readonly flowName: string;
  readonly version: string | null;
  readonly onAdopted: (future: FlowFuture<unknown>) => void;
}

let offer: Offer | null = null;
let onRoot: ((future: FlowFuture<unknown>) => void) | null = null;
const adopters = new WeakMap<FlowFuture<unknown>, FlowRunId>();

/** The first top-level call of the flow becomes this run. Returns a function that withdraws the offer. */
export function offerForAdoption(made: Offer): () => void {
  offer = made;
  return () => {
    if (offer === made) offer = null;
  };
}

/** Calls `listener` for every run that is started outside any other run from now on. */
export function watchRoots(listener: (future: FlowFuture<unknown>) => void): void {
  onRoot = listener;
}

/** Whether a call outside any run must not start anything. The call that the retry waits for takes the offered run. */
export function holdsBackRoot(
  definition: FlowDefinition,
  future: FlowFuture<unknown>,
  inRun: boolean,
  site: CallSite,
): boolean {
  if (loadMode() === 'normal') {
    onRoot?.(future);
    return false;
  }
  if (offer === null || !isMeant(offer, definition)) return isHeldBack(inRun, site);
  adopters.set(future, offer.flowRunId);
  offer.onAdopted(future);
  offer = null;
  return false;
}

/** Whether the offered run is one of this flow, and not of another one of its name. */
function isMeant({ flowName, version }: Offer, definition: FlowDefinition): boolean {
  return flowName === definition.name && !isSeveral(definition.alike) && !isOfAnotherFlow(version, definition);
}

/** The run that this call continues; `null` for an ordinary call. */
export async function adoptedRun(future: FlowFuture<unknown>, ports: EnginePorts): Promise<FlowRun | null> {
  const id = adopters.get(future);
  if (id === undefined) return null;
  const run = await ports.client.readFlowRun(id);
  if (!run) throw new OstinatoError('not-found', `There is no flow run ${id}.`);
  return run;
}
