/** Chooses the content coding of an answer. Source: RFC 9110, 12.5.3. */

/** As names in `Content-Encoding`. */
export type ContentCoding = 'br' | 'gzip';

const MEMBER = /^\s*([\w*.-]+)\s*(?:;\s*q=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/**
 * `null`: not encoded.
 * @param accepted `Accept-Encoding`
 * @param offered in our order of preference, which decides among codings that the client accepts equally
 */
export function chooseCoding(accepted: string | undefined, offered: readonly ContentCoding[]): ContentCoding | null {
  if (accepted === undefined || offered.length === 0) return null;
  const weights = new Map<string, number>();
  for (const member of accepted.split(',')) {
    const [, name, weight = '1'] = MEMBER.exec(member) ?? [];
    if (name !== undefined) weights.set(name.toLowerCase(), Number(weight));
  }
  const weightOf = (coding: ContentCoding): number =>
    weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined) ?? weights.get('*') ?? 0;
  // `identity` may be preferred explicitly; unmentioned it is acceptable, but after the codings that were named.
  let best: ContentCoding | null = null;
  let most = weights.get('identity') ?? 0;
  for (const coding of offered) {
    const weight = weightOf(coding);
    if (weight > 0 && (weight > most || (best === null && weight === most))) [best, most] = [coding, weight];
  }
  return best;
}
