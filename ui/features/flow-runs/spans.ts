/** Stretches of time up to now that the runs list offers. Pure. */
export const SPANS = {
  '1h': { label: 'Past hour', seconds: 3600 },
  '6h': { label: 'Past 6 hours', seconds: 6 * 3600 },
  '24h': { label: 'Past 24 hours', seconds: 86_400 },
  '7d': { label: 'Past 7 days', seconds: 7 * 86_400 },
  '30d': { label: 'Past 30 days', seconds: 30 * 86_400 },
  '90d': { label: 'Past 90 days', seconds: 90 * 86_400 },
} as const;
export type Span = keyof typeof SPANS;
