/** Of a message as long as a traceback, what fits into a row. Pure. */
const LINE_MAX = 200;

export function firstLine(message: string): string {
  const line =
    message
      .split(/[\r\n\u2028\u2029]/)
      .map((one) => one.replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim())
      .find((one) => one !== '') ?? '';
  const letters = Array.from(line.slice(0, (LINE_MAX + 1) * 2));
  return letters.length <= LINE_MAX ? line : `${letters.slice(0, LINE_MAX).join('')}…`;
}
