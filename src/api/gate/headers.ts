/** What browsers are told about every answer: run nothing, guess no type, frame nothing, tell nobody. */

const EVERYWHERE = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cross-origin-resource-policy': 'same-origin' } as const;

/** An answer of the API is data, whatever was recorded in it. */
export const DATA_HEADERS: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  // What is answered to one page must not be kept for another, nor what one can unpack for those who cannot.
  vary: 'Origin, Accept-Encoding',
};

/**
 * The pages run the scripts and styles of their own build, inline ones never, and talk to this server alone. Pictures may come from
 * elsewhere: those that Markdown names are loaded when somebody asks for them. The names of links are not looked up ahead.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  'content-security-policy': [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data: blob: http: https:", "connect-src 'self'",
    "manifest-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    // A text becomes markup through the cleaner of Markdown alone.
    "require-trusted-types-for 'script'", 'trusted-types dompurify',
  ].join('; '),
  // With none at all, some browsers hide the pages' own origin from the server, too.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-dns-prefetch-control': 'off',
};
