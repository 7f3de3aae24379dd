import type { CacheClaim } from '../core/cache-record.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { CacheStorage } from '../store/port.ts';
import type { OrchestratorPorts } from './ports.ts';

export type CacheKeyRequest = Omit<Parameters<CacheStorage['claimCacheKey']>[0], 'now' | 'isAlive'>;

/** One computation per key across processes; the claim of a dead process is free again. */
export function claimCacheKey(
  { storage, clock, liveness }: OrchestratorPorts,
  request: CacheKeyRequest,
): MaybePromise<CacheClaim> {
  return storage.claimCacheKey({
    ...request,
    now: clock.now(),
    isAlive: (holder) => holder !== null && liveness(holder).alive,
  });
}
