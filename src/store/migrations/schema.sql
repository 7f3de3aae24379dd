-- The SQLite schema after all migrations, to be read and compared. Written anew by:
-- UPDATE_SNAPSHOTS=1 node --test tests/conformance/sqlite-schema.test.ts

CREATE TABLE alert (
  id BLOB NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  due_at INTEGER,
  leased_until INTEGER,
  attempts INTEGER NOT NULL
) STRICT;

CREATE INDEX alert_by_age ON alert (opened_at, id);

CREATE INDEX alert_by_due ON alert (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX alert_by_end ON alert (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE alert_mark (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  alert_id BLOB NOT NULL,
  marked_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name, alert_id)
) WITHOUT ROWID, STRICT;

CREATE INDEX alert_mark_by_alert ON alert_mark (alert_id, kind);

CREATE TABLE artifact (
  id BLOB NOT NULL PRIMARY KEY,
  key TEXT,
  type TEXT NOT NULL,
  description TEXT,
  data TEXT NOT NULL,
  flow_run_id BLOB,
  task_run_id BLOB,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
, metadata TEXT) STRICT;

CREATE INDEX artifact_by_flow_run ON artifact (flow_run_id, id) WHERE flow_run_id IS NOT NULL;

CREATE INDEX artifact_by_key ON artifact (key, id) WHERE key IS NOT NULL;

CREATE INDEX artifact_by_task_run ON artifact (task_run_id, id) WHERE task_run_id IS NOT NULL;

CREATE TABLE artifact_collection (
  key TEXT NOT NULL PRIMARY KEY,
  id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE automation (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  tags TEXT NOT NULL,
  trigger_body TEXT NOT NULL,
  actions TEXT NOT NULL,
  actions_on_trigger TEXT NOT NULL,
  actions_on_resolve TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
, revision INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX automation_by_name ON automation (name);

CREATE INDEX automation_by_revision ON automation (revision);

CREATE INDEX automation_enabled ON automation (id) WHERE enabled = 1;

CREATE TABLE automation_action (
  id BLOB NOT NULL PRIMARY KEY,
  automation_id BLOB NOT NULL,
  firing TEXT NOT NULL,
  action_index INTEGER NOT NULL,
  action_body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER,
  status TEXT,
  note TEXT,
  ended_at INTEGER
) STRICT;

CREATE INDEX automation_action_by_automation ON automation_action (automation_id, created_at);

CREATE INDEX automation_action_by_due ON automation_action (due_at, automation_id) WHERE due_at IS NOT NULL;

CREATE INDEX automation_action_by_end ON automation_action (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE automation_bucket (
  id BLOB NOT NULL PRIMARY KEY,
  automation_id BLOB NOT NULL,
  body TEXT NOT NULL,
  due_at INTEGER,
  gone_at INTEGER
, flow_run_id BLOB) STRICT;

CREATE INDEX automation_bucket_by_automation ON automation_bucket (automation_id);

CREATE INDEX automation_bucket_by_flow_run ON automation_bucket (flow_run_id) WHERE flow_run_id IS NOT NULL;

CREATE INDEX automation_bucket_due ON automation_bucket (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX automation_bucket_gone ON automation_bucket (gone_at) WHERE gone_at IS NOT NULL;

CREATE TABLE automation_resource (
  automation_id BLOB NOT NULL,
  resource_id TEXT NOT NULL,
  owned INTEGER NOT NULL,
  PRIMARY KEY (automation_id, resource_id)
) WITHOUT ROWID, STRICT;

CREATE INDEX automation_resource_by_resource ON automation_resource (resource_id, owned);

CREATE TABLE automation_revision (
  id INTEGER NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT;

CREATE TABLE automation_waiting_event (
  id BLOB NOT NULL PRIMARY KEY,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE INDEX automation_waiting_event_by_time ON automation_waiting_event (received_at);

CREATE TABLE backfill (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  deployment_id BLOB NOT NULL,
  schedule_id BLOB,
  state TEXT NOT NULL,
  settled INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX backfill_by_deployment ON backfill (deployment_id, created_at);

CREATE UNIQUE INDEX backfill_by_name ON backfill (name);

CREATE INDEX backfill_unsettled ON backfill (id) WHERE settled = 0;

CREATE TABLE backfill_slot (
  backfill_id BLOB NOT NULL,
  due_at INTEGER NOT NULL,
  ends_at INTEGER,
  nominal TEXT NOT NULL,
  fold INTEGER NOT NULL,
  deployment_id BLOB NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  flow_run_id BLOB,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (backfill_id, due_at)
) WITHOUT ROWID, STRICT;

CREATE INDEX backfill_slot_by_state ON backfill_slot (backfill_id, state, due_at);

CREATE INDEX backfill_slot_with_run ON backfill_slot (deployment_id, due_at)
  WHERE flow_run_id IS NOT NULL AND state <> 'left-out';

CREATE TABLE block_document (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  block_type_id BLOB NOT NULL,
  block_type_name TEXT NOT NULL,
  block_schema_id BLOB NOT NULL,
  is_anonymous INTEGER NOT NULL,
  sealed_data TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (block_type_id, name)
) STRICT;

CREATE INDEX block_document_by_schema ON block_document (block_schema_id);

CREATE TABLE block_reference (
  parent_id BLOB NOT NULL,
  name TEXT NOT NULL,
  reference_id BLOB NOT NULL,
  PRIMARY KEY (parent_id, name)
) WITHOUT ROWID, STRICT;

CREATE INDEX block_reference_by_target ON block_reference (reference_id);

CREATE TABLE block_schema (
  id BLOB NOT NULL PRIMARY KEY,
  checksum TEXT NOT NULL,
  version TEXT NOT NULL,
  block_type_id BLOB NOT NULL,
  fields TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (checksum, version)
) STRICT;

CREATE INDEX block_schema_by_type ON block_schema (block_type_id);

CREATE TABLE block_type (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  logo_url TEXT,
  documentation_url TEXT,
  description TEXT,
  code_example TEXT,
  is_protected INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE cache_claim (
  key TEXT NOT NULL PRIMARY KEY,
  task_run_id BLOB NOT NULL,
  process_id BLOB NOT NULL,
  claimed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE cache_entry (
  key TEXT NOT NULL PRIMARY KEY,
  task_key TEXT NOT NULL,
  task_run_id BLOB NOT NULL,
  parts TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT;

CREATE INDEX cache_entry_by_task ON cache_entry (task_key, created_at);

CREATE TABLE concurrency_lease (
  id BLOB NOT NULL PRIMARY KEY,
  slots INTEGER NOT NULL,
  holder_type TEXT,
  holder_id BLOB,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX concurrency_lease_by_end ON concurrency_lease (expires_at);

CREATE INDEX concurrency_lease_by_holder ON concurrency_lease (holder_id) WHERE holder_id IS NOT NULL;

CREATE TABLE concurrency_lease_limit (
  lease_id BLOB NOT NULL,
  limit_id BLOB NOT NULL,
  PRIMARY KEY (lease_id, limit_id)
) WITHOUT ROWID, STRICT;

CREATE INDEX concurrency_lease_limit_by_limit ON concurrency_lease_limit (limit_id);

CREATE TABLE concurrency_limit (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  slots_max INTEGER NOT NULL,
  active INTEGER NOT NULL,
  active_slots INTEGER NOT NULL,
  denied_slots INTEGER NOT NULL,
  slot_decay_per_second REAL NOT NULL,
  avg_slot_occupancy_seconds REAL NOT NULL,
  slots_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE configuration (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE csrf_token (
  client TEXT NOT NULL PRIMARY KEY,
  id BLOB NOT NULL,
  token TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX csrf_token_by_end ON csrf_token (expires_at);

CREATE TABLE deployment (
  id BLOB NOT NULL PRIMARY KEY,
  flow_id BLOB NOT NULL,
  name TEXT NOT NULL,
  paused INTEGER NOT NULL,
  tags TEXT NOT NULL,
  work_queue_name TEXT,
  work_queue_id BLOB,
  concurrency_limit_id BLOB,
  is_ready INTEGER NOT NULL,
  last_polled_at INTEGER,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (flow_id, name)
) STRICT;

CREATE INDEX deployment_by_name ON deployment (name, id);

CREATE INDEX deployment_by_work_queue ON deployment (work_queue_id) WHERE work_queue_id IS NOT NULL;

CREATE INDEX deployment_ready ON deployment (last_polled_at) WHERE is_ready = 1;

CREATE TABLE deployment_schedule (
  id BLOB NOT NULL PRIMARY KEY,
  deployment_id BLOB NOT NULL,
  active INTEGER NOT NULL,
  slug TEXT,
  schedule TEXT NOT NULL,
  parameters TEXT NOT NULL,
  max_scheduled_runs INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  scheduled_through INTEGER,
  due_at INTEGER, settled_through INTEGER, held_since INTEGER, policy TEXT, slot_rules TEXT,
  UNIQUE (deployment_id, slug)
) STRICT;

CREATE INDEX deployment_schedule_due ON deployment_schedule (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE deployment_version (
  deployment_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (deployment_id, number)
) WITHOUT ROWID, STRICT;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  task_run_id BLOB,
  name TEXT NOT NULL,
  resource_id TEXT,
  occurred INTEGER NOT NULL,
  payload TEXT
, received INTEGER, follows BLOB) STRICT;

CREATE UNIQUE INDEX event_by_id ON event (id) WHERE task_run_id IS NULL;

CREATE INDEX event_by_occurred ON event (occurred);

CREATE TABLE event_body (
  seq INTEGER NOT NULL PRIMARY KEY,
  labels TEXT NOT NULL,
  related TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;

CREATE TABLE event_cursor (
  name TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  moved_at INTEGER NOT NULL,
  held_at INTEGER,
  missed_through INTEGER
) WITHOUT ROWID, STRICT;

CREATE TABLE event_resource (
  resource_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (resource_id, seq, role)
) WITHOUT ROWID, STRICT;

CREATE TABLE flow (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  tags TEXT NOT NULL,
  created_at INTEGER NOT NULL
, labels TEXT, updated_at INTEGER, description TEXT) STRICT;

CREATE TRIGGER flow_run_tally_add AFTER INSERT ON flow_run WHEN NEW.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND NEW.expected_start_time IS NOT NULL BEGIN INSERT INTO flow_run_tally (state_type, state_name, is_child, quarter, count, run_time_us, lateness_us) SELECT NEW.state_type, NEW.state_name, NEW.parent_task_run_id IS NOT NULL, NEW.expected_start_time / 900000000, 1, NEW.total_run_time_us, max(0, coalesce(NEW.start_time, NEW.expected_start_time) - NEW.expected_start_time) WHERE NEW.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND NEW.expected_start_time IS NOT NULL ON CONFLICT DO UPDATE SET count = count + 1, run_time_us = run_time_us + excluded.run_time_us, lateness_us = lateness_us + excluded.lateness_us; END;

CREATE TRIGGER flow_run_tally_move AFTER UPDATE OF state_type, state_name, expected_start_time, start_time, total_run_time_us, parent_task_run_id ON flow_run WHEN OLD.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND OLD.expected_start_time IS NOT NULL OR NEW.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND NEW.expected_start_time IS NOT NULL BEGIN UPDATE flow_run_tally SET count = count - 1, run_time_us = run_time_us - OLD.total_run_time_us, lateness_us = lateness_us - max(0, coalesce(OLD.start_time, OLD.expected_start_time) - OLD.expected_start_time) WHERE OLD.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND OLD.expected_start_time IS NOT NULL AND (state_type, state_name, is_child, quarter) = (OLD.state_type, OLD.state_name, OLD.parent_task_run_id IS NOT NULL, OLD.expected_start_time / 900000000); DELETE FROM flow_run_tally WHERE OLD.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND OLD.expected_start_time IS NOT NULL AND (state_type, state_name, is_child, quarter) = (OLD.state_type, OLD.state_name, OLD.parent_task_run_id IS NOT NULL, OLD.expected_start_time / 900000000) AND count = 0; INSERT INTO flow_run_tally (state_type, state_name, is_child, quarter, count, run_time_us, lateness_us) SELECT NEW.state_type, NEW.state_name, NEW.parent_task_run_id IS NOT NULL, NEW.expected_start_time / 900000000, 1, NEW.total_run_time_us, max(0, coalesce(NEW.start_time, NEW.expected_start_time) - NEW.expected_start_time) WHERE NEW.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND NEW.expected_start_time IS NOT NULL ON CONFLICT DO UPDATE SET count = count + 1, run_time_us = run_time_us + excluded.run_time_us, lateness_us = lateness_us + excluded.lateness_us; END;

CREATE TRIGGER flow_run_tally_remove AFTER DELETE ON flow_run WHEN OLD.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND OLD.expected_start_time IS NOT NULL BEGIN UPDATE flow_run_tally SET count = count - 1, run_time_us = run_time_us - OLD.total_run_time_us, lateness_us = lateness_us - max(0, coalesce(OLD.start_time, OLD.expected_start_time) - OLD.expected_start_time) WHERE OLD.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND OLD.expected_start_time IS NOT NULL AND (state_type, state_name, is_child, quarter) = (OLD.state_type, OLD.state_name, OLD.parent_task_run_id IS NOT NULL, OLD.expected_start_time / 900000000); DELETE FROM flow_run_tally WHERE OLD.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED', 'CRASHED') AND OLD.expected_start_time IS NOT NULL AND (state_type, state_name, is_child, quarter) = (OLD.state_type, OLD.state_name, OLD.parent_task_run_id IS NOT NULL, OLD.expected_start_time / 900000000) AND count = 0; END;

CREATE TABLE flow_run (
  id BLOB NOT NULL PRIMARY KEY,
  flow_id BLOB NOT NULL,
  name TEXT NOT NULL,
  flow_version TEXT,
  parameters TEXT NOT NULL,
  tags TEXT NOT NULL,
  labels TEXT NOT NULL,
  state_id BLOB NOT NULL,
  state_type TEXT NOT NULL,
  state_name TEXT NOT NULL,
  state_timestamp INTEGER NOT NULL,
  run_count INTEGER NOT NULL,
  policy TEXT NOT NULL,
  durability TEXT NOT NULL,
  parent_task_run_id BLOB,
  parent_flow_run_id BLOB,
  idempotency_key TEXT,
  entrypoint TEXT,
  lease_process_id BLOB,
  lease_token INTEGER,
  created_at INTEGER NOT NULL,
  expected_start_time INTEGER,
  start_time INTEGER,
  end_time INTEGER,
  total_run_time_us INTEGER NOT NULL
, deployment_id BLOB, work_queue_id BLOB, next_scheduled_start_time INTEGER, submission TEXT, updated_at INTEGER, runner TEXT NOT NULL DEFAULT 'ostinato', priority INTEGER) STRICT;

CREATE INDEX flow_run_by_deployment ON flow_run (deployment_id, id) WHERE deployment_id IS NOT NULL;

CREATE INDEX flow_run_by_end ON flow_run (end_time, id);

CREATE INDEX flow_run_by_expected_start ON flow_run (expected_start_time, id, parent_task_run_id, name);

CREATE INDEX flow_run_by_flow ON flow_run (flow_id, id);

CREATE INDEX flow_run_by_flow_and_next_start ON flow_run (flow_id, next_scheduled_start_time) WHERE next_scheduled_start_time IS NOT NULL;

CREATE INDEX flow_run_by_name ON flow_run (name, id);

CREATE INDEX flow_run_by_next_start ON flow_run (next_scheduled_start_time, id) WHERE next_scheduled_start_time IS NOT NULL;

CREATE INDEX flow_run_by_parent_flow_run ON flow_run (parent_flow_run_id, id) WHERE parent_flow_run_id IS NOT NULL;

CREATE INDEX flow_run_by_parent_task_run ON flow_run (parent_task_run_id, id) WHERE parent_task_run_id IS NOT NULL;

CREATE INDEX flow_run_by_priority ON flow_run (work_queue_id, state_type, priority, next_scheduled_start_time)
  WHERE priority IS NOT NULL;

CREATE INDEX flow_run_by_process ON flow_run (lease_process_id, state_type) WHERE lease_process_id IS NOT NULL;

CREATE INDEX flow_run_by_start ON flow_run (coalesce(start_time, expected_start_time), id, state_type, state_name, parent_task_run_id, name);

CREATE INDEX flow_run_by_state ON flow_run (state_type, id);

CREATE INDEX flow_run_by_work_queue ON flow_run (work_queue_id, state_type, next_scheduled_start_time) WHERE work_queue_id IS NOT NULL;

CREATE INDEX flow_run_cancelled ON flow_run (end_time, id) WHERE state_type = 'CANCELLED';

CREATE INDEX flow_run_history ON flow_run (state_type, state_name, expected_start_time, start_time, total_run_time_us, state_timestamp, parent_task_run_id, flow_id);

CREATE UNIQUE INDEX flow_run_idempotency ON flow_run (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE flow_run_input (
  flow_run_id BLOB NOT NULL,
  key TEXT NOT NULL,
  id BLOB NOT NULL,
  value TEXT NOT NULL,
  sender TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (flow_run_id, key)
) WITHOUT ROWID, STRICT;

CREATE TABLE flow_run_state (
  run_id BLOB NOT NULL,
  id BLOB NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  message TEXT,
  body TEXT,
  PRIMARY KEY (run_id, id)
) WITHOUT ROWID, STRICT;

CREATE INDEX flow_run_state_by_id ON flow_run_state (id);

CREATE TABLE flow_run_tally (
  state_type TEXT NOT NULL,
  state_name TEXT NOT NULL,
  is_child INTEGER NOT NULL,
  quarter INTEGER NOT NULL,
  count INTEGER NOT NULL,
  run_time_us REAL NOT NULL,
  lateness_us REAL NOT NULL,
  PRIMARY KEY (state_type, state_name, is_child, quarter)
) WITHOUT ROWID, STRICT;

CREATE TABLE log (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  flow_run_id BLOB,
  task_run_id BLOB,
  name TEXT NOT NULL,
  level INTEGER NOT NULL,
  message TEXT NOT NULL,
  timestamp INTEGER NOT NULL
) STRICT;

CREATE INDEX log_by_flow_run ON log (flow_run_id, seq) WHERE flow_run_id IS NOT NULL;

CREATE INDEX log_by_flow_run_and_time ON log (flow_run_id, timestamp, seq) WHERE flow_run_id IS NOT NULL;

CREATE INDEX log_by_task_run ON log (task_run_id, seq) WHERE task_run_id IS NOT NULL;

CREATE TABLE migration (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  breaking INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE process (
  id BLOB NOT NULL PRIMARY KEY,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  start_mark TEXT,
  command TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL
) STRICT;

CREATE TABLE saved_search (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  filters TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE schedule_slot (
  schedule_id BLOB NOT NULL,
  nominal TEXT NOT NULL,
  fold INTEGER NOT NULL,
  zone TEXT NOT NULL,
  deployment_id BLOB NOT NULL,
  due_at INTEGER NOT NULL,
  through INTEGER,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  flow_run_id BLOB,
  decided_at INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (schedule_id, nominal, fold, zone)
) STRICT;

CREATE INDEX schedule_slot_by_deployment ON schedule_slot (deployment_id, due_at);

CREATE INDEX schedule_slot_by_run ON schedule_slot (flow_run_id) WHERE flow_run_id IS NOT NULL;

CREATE INDEX schedule_slot_open ON schedule_slot (schedule_id, due_at) WHERE settled = 0;

CREATE TABLE task_run (
  id BLOB NOT NULL PRIMARY KEY,
  flow_run_id BLOB,
  parent_task_run_id BLOB,
  shape_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  dynamic_key TEXT NOT NULL,
  step TEXT NOT NULL,
  inputs TEXT,
  cache TEXT,
  state_id BLOB NOT NULL,
  state_type TEXT NOT NULL,
  state_name TEXT NOT NULL,
  state_timestamp INTEGER NOT NULL,
  run_count INTEGER NOT NULL,
  flow_run_run_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  start_time INTEGER,
  end_time INTEGER,
  total_run_time_us INTEGER NOT NULL
, natural_key TEXT, expected_start_time INTEGER, foreign_fields TEXT, process_id BLOB, participation TEXT, map_index INTEGER, map_input TEXT) WITHOUT ROWID, STRICT;

CREATE INDEX task_run_by_flow_run ON task_run (flow_run_id, id, state_type);

CREATE INDEX task_run_held ON task_run (process_id, id) WHERE process_id IS NOT NULL AND end_time IS NULL;

CREATE UNIQUE INDEX task_run_natural_key ON task_run (natural_key) WHERE natural_key IS NOT NULL;

CREATE INDEX task_run_scheduled ON task_run (id) WHERE state_type = 'SCHEDULED';

CREATE TABLE task_run_state (
  run_id BLOB NOT NULL,
  id BLOB NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  message TEXT,
  body TEXT,
  PRIMARY KEY (run_id, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE task_shape (
  id INTEGER PRIMARY KEY,
  task_key TEXT NOT NULL,
  body TEXT NOT NULL UNIQUE
) STRICT;

CREATE INDEX task_shape_by_task_key ON task_shape (task_key);

CREATE TABLE task_state_cache (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  expires_at INTEGER,
  task_run_id BLOB NOT NULL,
  state_id BLOB NOT NULL
) STRICT;

CREATE INDEX task_state_cache_by_key ON task_state_cache (key, seq);

CREATE TABLE variable (
  id BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  tags TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  form TEXT NOT NULL,
  template TEXT NOT NULL,
  slug_hash TEXT NOT NULL UNIQUE,
  secret TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE work_pool (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT,
  type TEXT NOT NULL,
  base_job_template TEXT NOT NULL,
  is_paused INTEGER NOT NULL,
  concurrency_limit INTEGER,
  status TEXT,
  default_queue_id BLOB NOT NULL,
  storage_configuration TEXT NOT NULL,
  status_event_id BLOB,
  status_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE work_queue (
  id BLOB NOT NULL PRIMARY KEY,
  work_pool_id BLOB NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  is_paused INTEGER NOT NULL,
  concurrency_limit INTEGER,
  priority INTEGER NOT NULL,
  filter TEXT,
  last_polled INTEGER,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (work_pool_id, name)
) STRICT;

CREATE TABLE worker (
  id BLOB NOT NULL PRIMARY KEY,
  work_pool_id BLOB NOT NULL,
  name TEXT NOT NULL,
  last_heartbeat INTEGER NOT NULL,
  heartbeat_interval_seconds INTEGER,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (work_pool_id, name)
) STRICT;
