/** What a worker tells of itself, named and labelled as Prefect's worker does. */

import type { ControlPlane } from '../client/control/plane.ts';
import type { PoolClient } from '../client/control/pools.ts';
import { CREATE_EVENTS } from '../contract/routes/events.ts';
import { OstinatoError } from '../core/errors.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE } from '../core/event.ts';
import type { EventId, IdSource } from '../core/ids.ts';
import { formatInstant, type Clock } from '../core/time.ts';
import { packageVersion } from '../platform/package-version.ts';

export interface WorkerNewsParts {
  readonly plane: Pick<ControlPlane, 'ask'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
  /** Of the worker. */
  readonly name: string;
  readonly type: string;
  readonly pools: Pick<PoolClient, 'readPool'>;
  readonly pool: string;
}

/** Source: Prefect 3, `events/utilities.py`. */
const FOLLOWS_WITHIN_US = 300_000_000;

export class WorkerNews {
  readonly #parts: WorkerNewsParts;
  #started: { readonly id: EventId; readonly at: number } | null = null;

  constructor(parts: WorkerNewsParts) {
    this.#parts = parts;
  }

  async started(): Promise<void> {
    const { clock, ids } = this.#parts;
    this.#started = { id: ids.next<EventId>(), at: clock.now() };
    await this.#tell('started', this.#started.id, null);
  }

  /** Nothing of one that has not started. @param isAnswered whether the server is there: else it would be waited for */
  async stopped(isAnswered: boolean): Promise<void> {
    const { clock, ids } = this.#parts;
    if (this.#started === null || !isAnswered) return;
    const { id, at } = this.#started;
    await this.#tell('stopped', ids.next<EventId>(), clock.now() - at < FOLLOWS_WITHIN_US ? id : null);
  }

  /** What cannot be told is left out. */
  async #tell(what: 'started' | 'stopped', id: EventId, follows: EventId | null): Promise<void> {
    const { plane, clock, name, type } = this.#parts;
    const occurred = formatInstant(clock.now());
    try {
      const event = {
        id,
        event: `prefect.worker.${what}`,
        occurred,
        resource: {
          [RESOURCE_ID]: `prefect.worker.${type}.${slugOf(name)}`,
          [RESOURCE_NAME]: name,
          'prefect.version': packageVersion(),
          'prefect.worker-type': type,
        },
        related: await this.#pool(),
        follows,
      };
      await plane.ask(CREATE_EVENTS, { body: [event] });
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
    }
  }

  async #pool() {
    const pool = (await this.#parts.pools.readPool(this.#parts.pool))?.plain;
    if (pool === undefined) return [];
    return [
      { [RESOURCE_ID]: `prefect.work-pool.${pool.id}`, [RESOURCE_ROLE]: 'work-pool', [RESOURCE_NAME]: pool.name },
    ];
  }
}

/** Letters without their marks, and digits; a dash for what lies between. */
function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
