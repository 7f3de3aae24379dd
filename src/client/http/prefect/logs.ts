/**
 * Logs on Prefect's server, which gives logs ids of its own: a batch that may have arrived is compared with the stored
 * logs before the rest is sent again.
 */

import type { FlowRunId, LogId, TaskRunId } from '../../../core/ids.ts';
import type { KeyPage } from '../../../core/list-query.ts';
import type { LogRecord } from '../../../core/log.ts';
import { EVERYTHING, type EntityByNoun } from '../../../core/query.ts';
import { addSeconds, formatInstant, parseInstant, type Instant } from '../../../core/time.ts';
import { Unavailable } from '../transport.ts';
import { instantIn, number, text } from './fields.ts';
import type { PrefectFlowRuns } from './flow-runs.ts';
import { askedOf, meets } from './lists.ts';
import type { RunIds } from './run-ids.ts';
import type { Entity, PrefectWire } from './wire.ts';

const LOGS_PER_REQUEST = 500;
/** Characters; Prefect's clients cut there, and one record must fit into a request. */
const MESSAGE_CHARS_MAX = 250_000;
/** Tries over an unreliable connection; each first reads what has arrived. */
const TRIALS_MAX = 3;
/** Stored logs that a batch is compared with. */
const COMPARED_MAX = 5_000;

type WireLog = Readonly<Record<'name' | 'message' | 'timestamp', string>> & {
  readonly level: number;
  readonly flow_run_id: string | null;
  readonly task_run_id: string | null;
};

export class PrefectLogs {
  readonly #wire: PrefectWire;
  readonly #ids: RunIds;
  readonly #flowRuns: PrefectFlowRuns;
  /** Ids of logs whose batch was not acknowledged. */
  #unconfirmed = new Set<LogId>();

  constructor(wire: PrefectWire, ids: RunIds, flowRuns: PrefectFlowRuns) {
    this.#wire = wire;
    this.#ids = ids;
    this.#flowRuns = flowRuns;
  }

  /** @param mayBeThere the logs come from a journal, and their process may have sent them */
  async write(given: readonly LogRecord[], mayBeThere = false): Promise<void> {
    const logs = [...new Map(given.map((log) => [log.id, log])).values()];
    if (mayBeThere) for (const { id } of logs) this.#unconfirmed.add(id);
    for (let at = 0; at < logs.length; at += LOGS_PER_REQUEST)
      await this.#writeSome(logs.slice(at, at + LOGS_PER_REQUEST));
  }

  async #writeSome(logs: readonly LogRecord[]): Promise<void> {
    const wire: WireLog[] = [];
    for (const log of logs) wire.push(await this.#encode(log));
    for (let trial = 1; ; trial += 1) {
      const missing = logs.some(({ id }) => this.#unconfirmed.has(id)) ? await this.#missing(wire) : wire;
      try {
        if (missing.length > 0) await this.#wire.ask('POST', '/logs/', missing, { once: true });
        for (const { id } of logs) this.#unconfirmed.delete(id);
        return;
      } catch (error) {
        if (!(error instanceof Unavailable) || !error.isAmbiguous) throw error;
        for (const { id } of logs) this.#unconfirmed.add(id);
        if (trial === TRIALS_MAX) throw error;
      }
    }
  }

  async #missing(wire: readonly WireLog[]): Promise<readonly WireLog[]> {
    const times = wire.map(({ timestamp }) => parseInstant(timestamp) ?? (0 as Instant));
    const [first, last] = [Math.min(...times), Math.max(...times)] as [Instant, Instant];
    const timestamp = { after_: formatInstant(addSeconds(first, -1)), before_: formatInstant(addSeconds(last, 1)) };
    const flowRunIds = [...new Set(wire.flatMap(({ flow_run_id: flowRunId }) => flowRunId ?? []))];
    const of = wire.every(({ flow_run_id: flowRunId }) => flowRunId !== null)
      ? { flow_run_id: { any_: flowRunIds } }
      : {};
    const { rows } = await this.#wire.pages(
      '/logs/filter',
      { logs: { timestamp, ...of }, sort: 'TIMESTAMP_ASC' },
      { offset: 0, limit: COMPARED_MAX },
    );
    const there = new Set(rows.map(({ plain }) => markOf(plain as unknown as WireLog)));
    return wire.filter((log) => !there.has(markOf(log)));
  }

  async #encode({ name, level, message, timestamp, flowRunId, taskRunId }: LogRecord): Promise<WireLog> {
    const remoteId = flowRunId === null ? null : await this.#flowRuns.remoteId(flowRunId);
    return {
      name,
      level,
      message: message.slice(0, MESSAGE_CHARS_MAX),
      timestamp: formatInstant(timestamp),
      flow_run_id: remoteId,
      task_run_id: taskRunId,
    };
  }

  /**
   * `seq` is the position among the logs that the server finds: from 1 on in the order of their time; from -1 down when
   * the newest come first.
   */
  async list({
    where = EVERYTHING,
    direction = 'asc',
    after = 0,
    limit = 50,
  }: KeyPage<'log'>): Promise<readonly EntityByNoun['log'][]> {
    const { body, rest } = askedOf('log', where, (id) => this.#ids.remote(id));
    const { rows } = await this.#wire.pages(
      '/logs/filter',
      { ...body, sort: direction === 'asc' ? 'TIMESTAMP_ASC' : 'TIMESTAMP_DESC' },
      {
        offset: Math.abs(after),
        limit,
        ...(rest === null ? {} : { wanted: (entity) => meets(this.#decode(entity), rest) }),
      },
    );
    return rows.map((row) => ({ ...this.#decode(row), seq: direction === 'asc' ? row.position : -row.position }));
  }

  #decode({ plain }: Entity): LogRecord {
    const flowRunId = text(plain['flow_run_id']);
    return {
      id: plain['id'] as LogId,
      name: text(plain['name']) ?? '',
      level: number(plain['level']) ?? 0,
      message: text(plain['message']) ?? '',
      timestamp: instantIn(plain, 'timestamp') ?? (0 as Instant),
      flowRunId: flowRunId === null ? null : this.#ids.own(flowRunId as FlowRunId),
      taskRunId: text(plain['task_run_id']) as TaskRunId | null,
    };
  }
}

function markOf({ timestamp, message, flow_run_id: flowRunId, task_run_id: taskRunId, level }: WireLog): string {
  return JSON.stringify([parseInstant(timestamp), message, flowRunId, taskRunId, level]);
}
