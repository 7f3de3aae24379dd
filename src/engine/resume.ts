/** What a new attempt of a flow run knows about earlier attempts. */

import type { FlowRunId } from '../core/ids.ts';
import { StepLedger } from '../core/step-identity.ts';
import { listSteps } from './list-steps.ts';
import type { EnginePorts } from './ports.ts';
import { TransactionBook } from './transaction-book.ts';

export interface Past {
  readonly ledger: StepLedger;
  /** `null` when no step was inside a transaction. */
  readonly book: TransactionBook | null;
}

export async function loadPast(ports: EnginePorts, id: FlowRunId): Promise<Past> {
  await ports.recorder.flush();
  const steps = await listSteps(ports, id);
  return {
    ledger: new StepLedger(steps),
    book: steps.some(({ participation }) => participation) ? await TransactionBook.load(ports, steps) : null,
  };
}
