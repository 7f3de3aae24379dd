/** Between time and pixels: the stretch of time that is shown, and the ticks on its axis. Pure. */

/** Milliseconds since 1970, both. */
export interface View {
  readonly start: number;
  readonly end: number;
}

/**
 * A closer look than this shows nothing more: the server's clock counts microseconds, a bar of one pixel a hundredth of
 * it.
 */
const SPAN_MS_MIN = 2;
/** Room beside the first and the last bar. */
const MARGIN = 0.03;

export function fitView({ start, end }: View): View {
  const margin = Math.max(1, (end - start) * MARGIN);
  return { start: start - margin / 4, end: end + margin };
}

export function xOf(time: number, view: View, left: number, width: number): number {
  return left + ((time - view.start) / (view.end - view.start)) * width;
}

export function timeAt(x: number, view: View, left: number, width: number): number {
  return view.start + ((x - left) / width) * (view.end - view.start);
}

/** @param factor below 1 looks closer. @param around the time that stays where it is */
export function zoomView(view: View, factor: number, around: number, extent: View): View {
  const widest = fitView(extent);
  const span = Math.min(widest.end - widest.start, Math.max(SPAN_MS_MIN, (view.end - view.start) * factor));
  const share = (around - view.start) / (view.end - view.start);
  return keepInside({ start: around - share * span, end: around + (1 - share) * span }, widest);
}

/** @param share of the shown stretch; positive goes on in time */
export function panView(view: View, share: number, extent: View): View {
  const by = (view.end - view.start) * share;
  return keepInside({ start: view.start + by, end: view.end + by }, fitView(extent));
}

function keepInside(view: View, widest: View): View {
  const span = Math.min(view.end - view.start, widest.end - widest.start);
  const start = Math.min(Math.max(view.start, widest.start), widest.end - span);
  return { start, end: start + span };
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Round times since the run's start, at least `gap` pixels apart. */
export function ticksOf(
  view: View,
  origin: number,
  width: number,
  gap: number,
): { readonly step: number; readonly offsets: readonly number[] } {
  const least = ((view.end - view.start) * gap) / Math.max(1, width);
  const step = STEPS_MS.find((candidate) => candidate >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000;
  const offsets: number[] = [];
  for (let at = Math.max(0, Math.ceil((view.start - origin) / step)) * step; at <= view.end - origin; at += step)
    offsets.push(at);
  return { step, offsets };
}

/** Time since the start, with as many digits as the step between ticks has; for instance `+1.5 s`, `+2:05`, `+3 h`. */
export function formatOffset(offset: number, step: number): string {
  if (offset === 0) return '0';
  if (step < 1000)
    return offset < 1000 && step < 100
      ? `${Math.round(offset)} ms`
      : `${(offset / 1000).toFixed(step >= 100 ? 1 : step >= 10 ? 2 : 3)} s`;
  const seconds = Math.round(offset / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}${step < 60_000 ? `:${two(seconds % 60)}` : ' h'}`;
}
