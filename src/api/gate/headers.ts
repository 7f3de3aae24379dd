/** Security headers of every answer: no scripts, no type guessing, no framing, no referrer. */

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** An answer of the API is data, whatever it contains. */
export const DATA_HEADERS: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  // An answer for one origin must not be cached for another, nor a compressed one for clients that cannot decompress.
  vary: 'Origin, Accept-Encoding',
};

/**
 * The pages run the scripts and styles of their own build, never inline ones, and connect to this server only. Pictures
 * may come from elsewhere: those in Markdown are loaded when somebody asks for them. The hosts of links are not looked
 * up ahead.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data: blob: http: https:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // Only the Markdown sanitiser turns text into markup.
    "require-trusted-types-for 'script'",
    'trusted-types dompurify',
  ].join('; '),
  // With `no-referrer`, some browsers hide the pages' own origin from the server.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-dns-prefetch-control': 'off',
};
