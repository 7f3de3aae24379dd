import {
  CLEAR_RESULT_STORAGE,
  DATABASE_ACTIONS,
  READ_RESULT_STORAGE,
  READ_SETTINGS,
  SET_RESULT_STORAGE,
} from '../contract/routes/administration.ts';
import { OstinatoError } from '../core/errors.ts';
import type { BlockDocumentId } from '../core/ids.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { NO_CONTENT, ok, operation, type Operation } from './operation.ts';

/** The server's configuration, for clients that ask. */
export interface Administration {
  /** As shown to people: secrets are masked already. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether every write must have a CSRF token. */
  readonly csrfProtection: boolean;
}

export const NO_ADMINISTRATION: Administration = { settings: {}, csrfProtection: false };

export function adminOperations(useCases: UseCases, { settings }: Administration): readonly Operation[] {
  const storage = async () => ok({ default_result_storage_block_id: await useCases.readResultStorage() });
  return [
    operation(READ_SETTINGS, () => ok(settings)),
    operation(READ_RESULT_STORAGE, storage),
    operation(SET_RESULT_STORAGE, async ({ body }) => {
      await useCases.setResultStorage(body.default_result_storage_block_id.toLowerCase() as BlockDocumentId);
      return await storage();
    }),
    operation(CLEAR_RESULT_STORAGE, async () => {
      await useCases.clearResultStorage();
      return NO_CONTENT;
    }),
    ...DATABASE_ACTIONS.map((contract) =>
      operation(contract, () => {
        throw new OstinatoError('forbidden', 'The database is not cleared, created or dropped over the API.', {
          remedy: 'Stop the server and move the database file away, or start it with another --database.',
        });
      }),
    ),
  ];
}
