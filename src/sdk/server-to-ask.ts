/** Which server a program asks that cannot do without one. */

import { OstinatoError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { findServer } from '../platform/server-record.ts';
import type { SettingValues } from '../platform/settings.ts';

/**
 * The one that the settings name, else the one that runs in this home.
 *
 * @param who begins the sentence about what is missing
 * @returns the address of its API. @throws `bad-input` without either
 */
export function serverToAsk(
  { apiUrl, home }: Pick<SettingValues, 'apiUrl' | 'home'>,
  now: Instant,
  who: string,
): string {
  if (apiUrl !== null) return apiUrl;
  const server = findServer(home, now);
  if (server !== null) return `${server.url}/api`;
  throw new OstinatoError('bad-input', `${who} asks a server for what is due: none is set, and none runs here.`, {
    remedy:
      'Start one (ostinato server start --background), or say where it is: export OSTINATO_API_URL=http://HOST:4200/api',
  });
}
