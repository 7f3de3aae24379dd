import type { Administration } from '../api/admin.ts';
import { SLOT_WAITS_DEFAULT } from '../core/concurrency/slots.ts';

interface Facts {
  readonly url: string;
  readonly home: string;
  readonly database: string;
  readonly authString: string | null;
  readonly csrfProtection: boolean;
  readonly corsAllowedOrigins: readonly string[];
}

const MASK = '********';

/** The settings in the places where Prefect's clients look for them, as far as this server has such a thing. */
export function administrationOf({ url, home, database, authString, csrfProtection, corsAllowedOrigins }: Facts): Administration {
  return {
    csrfProtection,
    settings: {
      home,
      api: { url: `${url}/api` },
      server: {
        api: { auth_string: authString === null ? null : MASK, csrf_protection_enabled: csrfProtection, csrf_token_expiration: 3600, default_limit: 200 },
        cors_allowed_origins: corsAllowedOrigins.join(','),
        concurrency: { maximum_concurrency_slot_wait_seconds: SLOT_WAITS_DEFAULT.slotWaitSecondsMax },
        database: { connection_url: database.replace(/\/\/[^@/]*@/, `//${MASK}@`) },
        tasks: { tag_concurrency_slot_wait_seconds: SLOT_WAITS_DEFAULT.tagSlotWaitSecondsMax },
        analytics_enabled: false,
      },
    },
  };
}
