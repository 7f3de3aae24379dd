/** The in-process body of the client port: no socket, no copy, synchronous where the store is. */

import type { OstinatoClient, ResultStore } from './port.ts';

/** The use cases, as the orchestrator binds them; handed over by the composition root, since this room does not import them. */
export type ClientUseCases = Omit<OstinatoClient, 'description' | 'results' | 'close'>;

export interface InProcessClientParts {
  readonly results: ResultStore;
  /** For instance `in process, sqlite:/home/me/.ostinato/ostinato.db`. */
  readonly description: string;
  readonly close: () => Promise<void>;
}

export function createInProcessClient(useCases: ClientUseCases, { results, description, close }: InProcessClientParts): OstinatoClient {
  return { ...useCases, results, description, close };
}
