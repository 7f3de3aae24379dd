/** What programs ask of nouns that people make, read, change and delete: in their own process too. */

import { artifactUseCases } from './artifact-use-cases.ts';
import { flowRunInputUseCases } from './flow-run-inputs.ts';
import type { OrchestratorPorts } from './ports.ts';
import type { EventReport } from '../store/port/events.ts';
import { queryUseCases } from './queries.ts';
import { variableUseCases } from './variables.ts';

export type ControlUseCases = ReturnType<typeof controlPlane>;

export function controlPlane(ports: OrchestratorPorts) {
  return {
    ...queryUseCases(ports),
    ...artifactUseCases(ports),
    ...variableUseCases(ports),
    ...flowRunInputUseCases(ports),
    /** See `EventStorage.recordEvents`: on the disk when it answers, the task runs with them. */
    recordEvents: (reports: readonly EventReport[]) => ports.storage.recordEvents(reports),
  };
}
