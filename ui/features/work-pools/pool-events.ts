/** Beginnings of the events after which what is shown of pools is asked for again. */
export const POOL_EVENTS = ['prefect.work-pool.', 'prefect.work-queue.', 'ostinato.work-pool.', 'ostinato.work-queue.'];
