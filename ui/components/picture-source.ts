/** Where a picture that somebody's text names would come from. Pure. */

export type PictureSource =
  /** In the text itself: showing it asks nobody. */
  | { readonly kind: 'inline'; readonly url: string }
  /** To be fetched, which tells its host who reads this, from where, and when. */
  | { readonly kind: 'fetched'; readonly url: string; readonly host: string };

/** Pixels, or a drawing, which cannot run or fetch anything as a picture. */
const INLINE = /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i;

/** `null`: nothing that a picture could be. @param page the address that relative ones start at */
export function pictureSource(src: string, page: string): PictureSource | null {
  const text = src.trim();
  if (INLINE.test(text)) return { kind: 'inline', url: text };
  if (!URL.canParse(text, page)) return null;
  const url = new URL(text, page);
  return url.protocol === 'http:' || url.protocol === 'https:'
    ? { kind: 'fetched', url: url.href, host: url.host }
    : null;
}
