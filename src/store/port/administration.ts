/** What the server remembers about itself and its clients. */

import type { Instant } from '../../core/time.ts';
import type { Stored } from '../port.ts';

/** Shown with each write of a browser's client, so that no other page can write in its name. */
export interface CsrfToken {
  readonly id: string;
  /** Unique: a new token takes the place of the client's old one. */
  readonly client: string;
  readonly token: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly expiresAt: Instant;
}

export interface AdministrationStorage {
  /** JSON. */
  readConfiguration(key: string): Stored<string | null>;
  /** @param value JSON; `null` removes it */
  writeConfiguration(key: string, value: string | null, now: Instant): Stored<void>;

  readCsrfToken(client: string): Stored<CsrfToken | null>;
  /** Keeps the id and the creation of the client's old token; removes tokens that ended before `updatedAt`. */
  writeCsrfToken(token: CsrfToken): Stored<CsrfToken>;
}
