/**
 * Slots of tag limits on Prefect's server: its client takes them by the names `tag:<tag>`, under a lease, and so do we.
 */

import { tagLimitName } from '../../../core/concurrency/limit.ts';
import { TAG_SLOT_LEASE_SECONDS, type TagSlots, type TakeTagSlots } from '../../../core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId } from '../../../core/ids.ts';
import type { PrefectWire } from './wire.ts';

export class PrefectTagSlots {
  readonly #wire: PrefectWire;

  constructor(wire: PrefectWire) {
    this.#wire = wire;
  }

  /** Servers before 3.4 have no leases: their limits are unknown. */
  async take({ tags, taskRunId }: TakeTagSlots): Promise<TagSlots> {
    const names = tags.map(tagLimitName);
    const body = {
      names,
      slots: 1,
      mode: 'concurrency',
      lease_duration: TAG_SLOT_LEASE_SECONDS,
      holder: { type: 'task_run', id: taskRunId },
    };
    const { status, plain } = await this.#wire.ask('POST', '/v2/concurrency_limits/increment-with-lease', body, {
      expected: [404, 422, 423],
    });
    // The server refuses to give more slots than the limit has: the limit is 0.
    if (status === 422) return { outcome: 'closed', tag: tags.join(', ') };
    if (status === 423) return { outcome: 'full', tag: tags.join(', '), slots: 1, holders: [] };
    const leaseId = plain['lease_id'];
    if (status === 404 || typeof leaseId !== 'string') return { outcome: 'unlimited' };
    if (Array.isArray(plain['limits']) && plain['limits'].length > 0)
      return { outcome: 'taken', leaseId: leaseId as ConcurrencyLeaseId };
    await this.release(leaseId as ConcurrencyLeaseId);
    return { outcome: 'unlimited' };
  }

  async renew(ids: readonly ConcurrencyLeaseId[]): Promise<readonly ConcurrencyLeaseId[]> {
    const gone: ConcurrencyLeaseId[] = [];
    for (const id of ids) {
      const { status } = await this.#wire.ask(
        'POST',
        `/v2/concurrency_limits/leases/${id}/renew`,
        { lease_duration: TAG_SLOT_LEASE_SECONDS },
        { expected: [404, 410] },
      );
      if (status === 404 || status === 410) gone.push(id);
    }
    return gone;
  }

  async release(id: ConcurrencyLeaseId): Promise<boolean> {
    const { status } = await this.#wire.ask(
      'POST',
      '/v2/concurrency_limits/decrement-with-lease',
      { lease_id: id },
      { expected: [404] },
    );
    return status !== 404;
  }
}
