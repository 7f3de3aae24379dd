/** The result storage that the server proposes to clients, and CSRF tokens. */

import { OstinatoError } from '../core/errors.ts';
import type { BlockDocumentId } from '../core/ids.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { addSeconds } from '../core/time.ts';
import type { CsrfToken } from '../store/port/administration.ts';
import type { OrchestratorPorts } from './ports.ts';

const RESULT_STORAGE = 'server-default-result-storage';

/**
 * The block document that clients keep results in when they have no storage of their own; `null`: none is set, or it
 * was deleted.
 */
export function readResultStorage({ storage }: OrchestratorPorts): MaybePromise<BlockDocumentId | null> {
  return chain(storage.readConfiguration(RESULT_STORAGE), (text) => {
    if (text === null) return null;
    const id = JSON.parse(text) as BlockDocumentId;
    return chain(storage.readBlockDocument({ id }), (document) => document && id);
  });
}

/** @throws `not-found` when there is no such document, `bad-input` when nothing can be written to it */
export async function setResultStorage({ storage, clock }: OrchestratorPorts, id: BlockDocumentId): Promise<void> {
  const document = await storage.readBlockDocument({ id });
  if (document === null) throw new OstinatoError('not-found', `Block document ${id} not found.`);
  const schema = await storage.readBlockSchema({ id: document.blockSchemaId });
  if (!schema?.capabilities.includes('write-path'))
    throw new OstinatoError('bad-input', `Block document ${id} cannot be used for result storage.`);
  await storage.writeConfiguration(RESULT_STORAGE, JSON.stringify(id), clock.now());
}

export function clearResultStorage({ storage, clock }: OrchestratorPorts): MaybePromise<void> {
  return storage.writeConfiguration(RESULT_STORAGE, null, clock.now());
}

const CSRF_TOKEN_SECONDS = 3600;

/** @param token a random text that cannot be guessed */
export function issueCsrfToken(
  { storage, clock, ids }: OrchestratorPorts,
  client: string,
  token: string,
): MaybePromise<CsrfToken> {
  const now = clock.now();
  return storage.writeCsrfToken({
    id: ids.next(),
    client,
    token,
    createdAt: now,
    updatedAt: now,
    expiresAt: addSeconds(now, CSRF_TOKEN_SECONDS),
  });
}

/** The client's token; `null` when it has none or it has expired. */
export function currentCsrfToken({ storage, clock }: OrchestratorPorts, client: string): MaybePromise<string | null> {
  return chain(storage.readCsrfToken(client), (found) => (found && found.expiresAt > clock.now() ? found.token : null));
}

export function administrationUseCases(ports: OrchestratorPorts) {
  return {
    readResultStorage: () => readResultStorage(ports),
    setResultStorage: (id: BlockDocumentId) => setResultStorage(ports, id),
    clearResultStorage: () => clearResultStorage(ports),
    issueCsrfToken: (client: string, token: string) => issueCsrfToken(ports, client, token),
    currentCsrfToken: (client: string) => currentCsrfToken(ports, client),
  };
}
