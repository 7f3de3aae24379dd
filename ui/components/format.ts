/** Times, durations and counts as people read them. Pure: the time that it is now is handed in. */

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'm', seconds: 60 },
] as const;

/** For instance `40 µs`, `850 ms`, `4.2 s`, `3 m 05 s`, `2 h 10 m`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (!(seconds > 0)) return '0 s';
  if (seconds < 0.0009995) return `${Math.max(1, Math.round(seconds * 1e6))} µs`;
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 100) * 10} ms`;
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`;
  const unit = whole >= 86_400 ? 0 : 1;
  const { name, seconds: size } = UNITS[unit];
  const next = UNITS[unit + 1] ?? UNITS[2];
  const rest = Math.floor((whole % size) / next.seconds);
  return `${Math.floor(whole / size)} ${name}${rest === 0 ? '' : ` ${rest} ${next.name}`}`;
}

/** For instance `now`, `12 s ago`, `in 5 min`, `3 h ago`, `2 d ago`. */
export function formatAgo(then: number, now: number): string {
  const seconds = (now - then) / 1000;
  const size = Math.abs(seconds);
  if (size < 1.5) return 'now';
  const words =
    size < 60
      ? `${Math.round(size)} s`
      : size < 3600
        ? `${Math.round(size / 60)} min`
        : size < 86_400 * 2
          ? `${Math.round(size / 3600)} h`
          : `${Math.round(size / 86_400)} d`;
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}

const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const PRECISE = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const SHORT_DATE_TIME = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const SHORT_DATE = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const SHORT_TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** In full, in the reader's time zone. */
export function formatDateTime(then: number): string {
  return DATE_TIME.format(then);
}

/** With milliseconds: where several times lie in one second. */
export function formatPreciseTime(then: number): string {
  return PRECISE.format(then);
}

/** On hover: exactly as it was recorded, and whose time it is that is shown. */
export function isoTitle(at: string): string {
  return `${at} (shown: ${PRECISE.resolvedOptions().timeZone})`;
}

export function formatShortDateTime(then: number): string {
  return SHORT_DATE_TIME.format(then);
}

/** For the axis of a chart: the time of day, and the date where a step is a day or more, or where a day begins. */
export function formatTick(then: number, stepSeconds: number): string {
  const at = new Date(then);
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
  return (stepSeconds >= 86_400 || isMidnight ? SHORT_DATE : SHORT_TIME).format(then);
}

/** Local time of day with milliseconds: what a line of a log needs. */
export function formatClock(then: number): string {
  const date = new Date(then);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const NUMBER = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return NUMBER.format(count);
}

const SHORT_NUMBER = new Intl.NumberFormat('en', { notation: 'compact' });

/** For the narrow scale of a chart: five digits and more are shortened, `25K`. */
export function formatScale(count: number): string {
  return count < 10_000 ? formatCount(count) : SHORT_NUMBER.format(count);
}

/** For instance `1 run`, `1,204 runs`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A long hash by its beginning, as git shows one; other text as it is. */
export function shortHash(text: string): string {
  return /^[0-9a-f]{24,}$/i.test(text) ? text.slice(0, 12) : text;
}
