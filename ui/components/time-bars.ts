/** How time is parted into the bars of a chart, and what stands at its axes. Pure. */

export interface Period {
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
}

/** Steps that a clock or a calendar has; seconds. */
const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];
/** The server refuses more than 500 bars; more than this are too thin to be pointed at. */
const BARS_MAX = 64;

/** @returns seconds that one bar stands for */
export function bucketSeconds({ start, end }: Period): number {
  const least = (end - start) / 1000 / BARS_MAX;
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / 604_800) * 604_800;
}

/** Milliseconds by which the reader's clock is before that of Greenwich. */
export function zoneMs(time: number): number {
  return -new Date(time).getTimezoneOffset() * 60_000;
}

/** The period, widened so that bars begin at round times of the reader's clock and do not wander while time goes on. */
export function alignPeriod(period: Period, stepSeconds: number): Period {
  const step = stepSeconds * 1000;
  const zone = zoneMs(period.start);
  return {
    start: Math.floor((period.start + zone) / step) * step - zone,
    end: Math.ceil((period.end + zone) / step) * step - zone,
  };
}

/**
 * @returns seconds between labels: a round time that is a multiple of the bars' step and spans at least `barsMin` of
 * them
 */
export function labelSeconds(stepSeconds: number, barsMin: number): number {
  const round = STEPS.find((step) => step % stepSeconds === 0 && step >= stepSeconds * barsMin);
  return round ?? stepSeconds * Math.max(1, barsMin);
}

/**
 * Whether a time is a multiple of the step on a clock that is `zone` milliseconds ahead: a day begins at midnight
 * there.
 */
export function isRoundTime(time: number, stepSeconds: number, zone: number): boolean {
  return (time + zone) % (stepSeconds * 1000) === 0;
}

/** The least round number that is not less: the top of the chart. */
export function niceCeiling(value: number): number {
  // There is no half of a thing in the middle of the scale.
  if (value <= 10) return Math.max(4, 2 * Math.ceil(value / 2));
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
