/** Whether somebody takes the runs of a pool, in words. Pure. */
import { countOf } from '../../components/format.ts';

export interface PoolStatus {
  readonly kind: 'ready' | 'waits' | 'paused';
  readonly words: string;
}

/** @param pool whose `status` is `null` where agents take its runs, which do not say that they are there */
export function poolStatus({
  is_paused: isPaused,
  status,
  online_worker_count: workers,
}: {
  readonly is_paused: boolean;
  readonly status: string | null;
  readonly online_worker_count: number;
}): PoolStatus {
  if (isPaused) return { kind: 'paused', words: 'Paused' };
  if (workers > 0) return { kind: 'ready', words: `${countOf(workers, 'worker')} there` };
  return status === null ? { kind: 'ready', words: 'For agents' } : { kind: 'waits', words: 'No worker' };
}
