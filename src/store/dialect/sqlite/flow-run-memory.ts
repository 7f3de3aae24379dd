/**
 * Cache of flow runs that lists read. Pages and clients request the newest runs over and over, and few of them have
 * changed: reading one costs ten times as much as finding it here.
 *
 * 1. What this connection writes is forgotten at once, also when the write is taken back afterwards.
 * 2. What other connections commit (embedded runs on the same file) makes everything forgotten, before the next look.
 * 3. Runs are frozen: whoever was given one cannot change what the next is given.
 */

import type { StatementSync } from 'node:sqlite';
import type { FlowRun } from '../../../core/flow-run.ts';
import { readId } from '../../id-value.ts';
import { FLOW_RUN_SELECTION, readFlowRunRow, type FlowRunRow } from '../../rows/flow-run.ts';
import type { Connection } from './connection.ts';

/** Entries; with the text that the API makes of each, some 3 MB. */
const RUNS_MAX = 500;
/** Characters; parameters, results and messages of users may be long: such a run is not cached. */
const TEXT_LENGTH_MAX = 8000;

const SELECT =
  `SELECT flow_run.rowid AS row_key, ${FLOW_RUN_SELECTION.join(', ')} FROM json_each(?) AS page CROSS JOIN flow_run ON flow_run.rowid = page.value ` +
  'JOIN flow ON flow.id = flow_run.flow_id JOIN flow_run_state ON flow_run_state.run_id = flow_run.id AND flow_run_state.id = flow_run.state_id';

class FlowRunMemory {
  readonly #connection: Connection;
  readonly #runs = new Map<number, FlowRun>();
  readonly #keys = new Map<string, number>();
  readonly #version: StatementSync;
  #seenVersion: unknown;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#version = connection.statement('PRAGMA data_version');
  }

  /** The runs with these row numbers, in this order; those that are gone are left out. Not inside a transaction. */
  read(keys: readonly number[]): readonly FlowRun[] {
    this.#noticeOthers();
    const found = new Map<number, FlowRun>();
    const missing: number[] = [];
    for (const key of keys) {
      const run = this.#runs.get(key);
      if (run === undefined) missing.push(key);
      else found.set(key, run);
    }
    if (missing.length > 0) {
      for (const row of this.#connection.statement(SELECT).all(JSON.stringify(missing)) as unknown as (FlowRunRow & {
        readonly row_key: number;
      })[]) {
        const run = Object.freeze(readFlowRunRow(row));
        found.set(row.row_key, run);
        if (lengthOf(row) <= TEXT_LENGTH_MAX) this.#keep(row.row_key, run);
      }
    }
    return keys.flatMap((key) => found.get(key) ?? []);
  }

  forget(id: string): void {
    const key = this.#keys.get(id);
    if (key === undefined) return;
    this.#keys.delete(id);
    this.#runs.delete(key);
  }

  forgetAll(): void {
    this.#keys.clear();
    this.#runs.clear();
  }

  #keep(key: number, run: FlowRun): void {
    for (const [oldest, { id }] of this.#runs) {
      if (this.#runs.size < RUNS_MAX) break;
      this.#runs.delete(oldest);
      this.#keys.delete(id);
    }
    this.#runs.set(key, run);
    this.#keys.set(run.id, key);
  }

  #noticeOthers(): void {
    const version = this.#version.get()?.['data_version'];
    if (version !== this.#seenVersion) this.forgetAll();
    this.#seenVersion = version;
  }
}

function lengthOf({ parameters, state_body: body, state_message: message, labels, submission }: FlowRunRow): number {
  return parameters.length + (body?.length ?? 0) + (message?.length ?? 0) + labels.length + (submission?.length ?? 0);
}

const memories = new WeakMap<Connection, FlowRunMemory>();

export function flowRunMemory(connection: Connection): FlowRunMemory {
  let memory = memories.get(connection);
  if (memory === undefined) memories.set(connection, (memory = new FlowRunMemory(connection)));
  return memory;
}

/** Call when the row of a flow run is written or deleted. @param id as text or as bytes */
export function forgetFlowRun(connection: Connection, id: string | Uint8Array): void {
  memories.get(connection)?.forget(readId(id));
}

/** Call when a flow has changed: its runs contain its name. */
export function forgetFlowRuns(connection: Connection): void {
  memories.get(connection)?.forgetAll();
}
