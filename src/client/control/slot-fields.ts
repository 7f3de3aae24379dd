/** What schedules of our servers say beside their times: what becomes of slots. As files and the wire call it. */
export const SLOT_FIELDS = ['catch_up', 'max_lateness', 'overlap', 'jitter', 'start', 'end', 'exclusions'] as const;
