/** Lengths of time as Pydantic reads them: seconds, ISO 8601 (`PT1M30S`), or days and a clock (`1 day, 00:00:30`). */

const ISO_8601 =
  /^([+-]?)P(?=[\dT])(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const PARTS_SECONDS = [365 * 86_400, 30 * 86_400, 7 * 86_400, 86_400, 3600, 60, 1];
const DAYS_AND_CLOCK = /^([+-]?)(?:(\d+)\s*d(?:ays?)?,?)?\s*(?:(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?)?$/i;
/** What a Python `timedelta` holds. */
const SECONDS_MAX = 999_999_999 * 86_400;

/** Seconds; `null` where it is no length of time. */
export function readDuration(input: unknown): number | null {
  const seconds = secondsOf(input);
  return seconds === null || !Number.isFinite(seconds) || Math.abs(seconds) > SECONDS_MAX ? null : seconds;
}

function secondsOf(input: unknown): number | null {
  if (typeof input === 'number') return Math.round(input * 1_000_000) / 1_000_000;
  if (typeof input === 'boolean') return input ? 1 : 0;
  if (typeof input !== 'string') return null;
  const iso = ISO_8601.exec(input);
  if (iso !== null)
    return signed(
      iso[1],
      PARTS_SECONDS.reduce((sum, seconds, index) => sum + Number(iso[index + 2] ?? 0) * seconds, 0),
    );
  const clock = DAYS_AND_CLOCK.exec(input);
  if (clock === null || (clock[2] === undefined && clock[3] === undefined)) return null;
  const [days, hours, minutes, seconds] = clock.slice(2).map((part) => Number(part ?? 0));
  return signed(
    clock[1],
    (days as number) * 86_400 + (hours as number) * 3600 + (minutes as number) * 60 + (seconds as number),
  );
}

function signed(sign: string | undefined, seconds: number): number {
  return sign === '-' && seconds !== 0 ? -seconds : seconds;
}
