/** Configuration and tokens that the server stores. */

import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';

/** Sent with each write of a browser's client, so that no other page can write in its name. */
export interface CsrfToken {
  readonly id: string;
  /** Unique: a new token replaces the client's old one. */
  readonly client: string;
  readonly token: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly expiresAt: Instant;
}

export interface AdministrationStorage {
  /** JSON. */
  readConfiguration(key: string): MaybePromise<string | null>;
  /** @param value JSON; `null` removes it */
  writeConfiguration(key: string, value: string | null, now: Instant): MaybePromise<void>;

  readCsrfToken(client: string): MaybePromise<CsrfToken | null>;
  /** Replaces the client's old token, keeping its id and creation; removes tokens that expired before `updatedAt`. */
  writeCsrfToken(token: CsrfToken): MaybePromise<CsrfToken>;
}
