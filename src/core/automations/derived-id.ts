/** Ids that are computed: the same for the same cause, on whichever server it is looked at. */

/** 32 hexadecimal digits, the same for the same text. */
export type HashText = (text: string) => string;

/** A UUID (of version 8) from texts. */
export function derivedId(hash: HashText, ...of: readonly string[]): string {
  const digits = hash(JSON.stringify(of));
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) & 3] ?? '8';
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}
