import type { Administration } from '../api/admin.ts';
import { PARAMETERS_BYTES_MAX } from '../api/flow-runs.ts';
import { BACKFILL_SECONDS_MAX } from '../api/sockets/events-out.ts';
import { EVENT_BYTES_MAX, LABELS_MAX, NAME_CHARACTERS_MAX, RELATED_MAX } from '../contract/body/event.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import { SLOT_WAITS_DEFAULT } from '../core/concurrency/slots.ts';
import { CACHE_KEY_CHARACTERS_MAX } from '../core/rules/caching.ts';
import { CANCELLING_SECONDS_MAX } from '../core/rules/cancelling.ts';
import { SLOT_WAIT_SECONDS } from '../core/rules/deployment-slots.ts';
import { GRAPH_ARTIFACTS_MAX, GRAPH_NODES_MAX } from '../orchestrator/draw-flow-run.ts';
import { LATE_AFTER_SECONDS } from '../services/late-runs.ts';

interface Facts {
  readonly host: string;
  readonly port: number;
  readonly home: string;
  readonly database: string;
  readonly authString: string | null;
  readonly csrfProtection: boolean;
  readonly corsAllowedOrigins: readonly string[];
}

const MASK = '********';

/**
 * The settings in the structure that Prefect's clients expect, as far as this server has them; a client knows its own.
 */
export function administrationOf({
  host,
  port,
  home,
  database,
  authString,
  csrfProtection,
  corsAllowedOrigins,
}: Facts): Administration {
  const url = `http://${host}:${port}`;
  return {
    csrfProtection,
    settings: {
      home,
      api: { url: `${url}/api` },
      ui_url: url,
      debug_mode: false,
      server: {
        api: {
          auth_string: authString === null ? null : MASK,
          host,
          port,
          base_path: null,
          default_limit: LIMIT_DEFAULT,
          csrf_protection_enabled: csrfProtection,
          csrf_token_expiration: 'PT1H',
          cors_allowed_origins: corsAllowedOrigins.join(','),
          max_parameter_size: PARAMETERS_BYTES_MAX,
        },
        deployments: { concurrency_slot_wait_seconds: SLOT_WAIT_SECONDS },
        events: {
          stream_out_enabled: true,
          maximum_event_name_length: NAME_CHARACTERS_MAX,
          maximum_labels_per_resource: LABELS_MAX,
          maximum_related_resources: RELATED_MAX,
          maximum_size_bytes: EVENT_BYTES_MAX,
          maximum_websocket_backfill: `PT${BACKFILL_SECONDS_MAX / 60}M`,
        },
        flow_run_graph: { max_nodes: GRAPH_NODES_MAX, max_artifacts: GRAPH_ARTIFACTS_MAX },
        logs: { stream_out_enabled: true, stream_publishing_enabled: true },
        services: {
          cancellation_cleanup: { enabled: true, cancelling_timeout_seconds: CANCELLING_SECONDS_MAX },
          late_runs: { enabled: true, after_seconds: `PT${LATE_AFTER_SECONDS}S` },
          repossessor: { enabled: true },
        },
        ui: { enabled: true, api_url: `${url}/api`, serve_base: '/' },
        concurrency: { maximum_concurrency_slot_wait_seconds: SLOT_WAITS_DEFAULT.slotWaitSecondsMax },
        database: { driver: 'sqlite', connection_url: database.replace(/\/\/[^@/]*@/, `//${MASK}@`) },
        tasks: {
          max_cache_key_length: CACHE_KEY_CHARACTERS_MAX,
          tag_concurrency_slot_wait_seconds: SLOT_WAITS_DEFAULT.tagSlotWaitSecondsMax,
        },
        analytics_enabled: false,
      },
    },
  };
}
