/** In which form an answer travels. Source: RFC 9110, 12.5.3. */

/** As names in `Content-Encoding`. */
export type ContentCoding = 'br' | 'gzip';

const MEMBER = /^\s*([\w*.-]+)\s*(?:;\s*q=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/** `null`: as it is. @param accepted `Accept-Encoding` @param offered the better ones first; it decides among those that are wanted as much */
export function chooseCoding(accepted: string | undefined, offered: readonly ContentCoding[]): ContentCoding | null {
  if (accepted === undefined || offered.length === 0) return null;
  const weights = new Map<string, number>();
  for (const member of accepted.split(',')) {
    const [, name, weight = '1'] = MEMBER.exec(member) ?? [];
    if (name !== undefined) weights.set(name.toLowerCase(), Number(weight));
  }
  const weightOf = (coding: ContentCoding): number => weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined) ?? weights.get('*') ?? 0;
  // Who would rather have it as it is says so; who says nothing of that takes it too, but not before what was named.
  let best: ContentCoding | null = null;
  let most = weights.get('identity') ?? 0;
  for (const coding of offered) {
    const weight = weightOf(coding);
    if (weight > 0 && (weight > most || (best === null && weight === most))) [best, most] = [coding, weight];
  }
  return best;
}
