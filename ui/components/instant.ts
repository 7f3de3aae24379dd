/** @returns milliseconds since 1970, with the microseconds behind the point; `Date.parse` drops them */
export function parseInstant(text: string): number {
  const micros = /\.\d{3}(\d{1,3})/.exec(text)?.[1];
  return Date.parse(text) + (micros === undefined ? 0 : Number(micros.padEnd(3, '0')) / 1000);
}
