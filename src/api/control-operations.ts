/**
 * The operations of the control plane, which programs also call in their own process. Separate from the others, since a
 * flow that reads a variable loads them.
 */

import type { Clock } from '../core/time.ts';
import type { ControlUseCases } from '../orchestrator/control-plane.ts';
import { artifactOperations } from './artifacts.ts';
import { flowRunInputOperations } from './flow-run-inputs.ts';
import type { Operation } from './operation.ts';
import { sentEventOperations } from './sent-events.ts';
import { variableOperations } from './variables.ts';

export function controlOperations(useCases: ControlUseCases, clock: Pick<Clock, 'now'>): readonly Operation[] {
  return [
    ...artifactOperations(useCases),
    ...sentEventOperations(useCases, clock),
    ...variableOperations(useCases),
    ...flowRunInputOperations(useCases),
  ];
}
