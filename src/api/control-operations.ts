/**
 * The operations of the control plane, which programs also call in their own process. Separate from the others, since a
 * flow that reads a variable loads them.
 */

import type { ControlUseCases } from '../orchestrator/control-plane.ts';
import { artifactOperations } from './artifacts.ts';
import type { Operation } from './operation.ts';
import { variableOperations } from './variables.ts';

export function controlOperations(useCases: ControlUseCases): readonly Operation[] {
  return [...artifactOperations(useCases), ...variableOperations(useCases)];
}
