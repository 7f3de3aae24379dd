/** The in-process body of the client port: no socket, no copy, synchronous where the store is. */

import type { ControlClient } from './control/client.ts';
import type { OstinatoClient, ResultStore } from './port.ts';

/**
 * The use cases, as the orchestrator binds them; passed in by the composition root, since this folder does not import
 * them.
 */
export type ClientUseCases = Omit<OstinatoClient, 'description' | 'results' | 'control' | 'close'>;

export interface InProcessClientParts {
  readonly results: ResultStore;
  readonly control: ControlClient;
  /** For instance `in process, sqlite:/home/me/.ostinato/ostinato.db`. */
  readonly description: string;
  readonly close: () => Promise<void>;
}

export function createInProcessClient(
  useCases: ClientUseCases,
  { results, control, description, close }: InProcessClientParts,
): OstinatoClient {
  return { ...useCases, results, control, description, close };
}
