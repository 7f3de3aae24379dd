/**
 * The content type of a body. Pure.
 *
 * A page may send text, form fields or files anywhere without asking first; JSON it may not. So a body that calls
 * itself anything else is not read, whatever is in it. `curl -d` calls everything a form, which goes on for callers
 * that are no browser.
 */

/** Why the body may not be read as JSON; `null`: it may. @param isBrowser whether the request comes from a browser */
export function mediaTypeProblem(contentType: string | undefined, isBrowser: boolean): string | null {
  // Older clients send no content type; no page can send such a body to another site without a preflight and its
  // origin.
  if (contentType === undefined || contentType.trim() === '') return null;
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isForm = type === 'application/x-www-form-urlencoded' && !isBrowser;
  if (!isForm && !/^application\/(?:json|[a-z0-9!#$&^_.-]+\+json)$/.test(type)) {
    return `The body calls itself ${JSON.stringify(type.slice(0, 100))}, and this server reads JSON: send it with Content-Type: application/json.`;
  }
  const charset = parameters
    .map((parameter) => /^charset\s*=\s*"?([^"]*)"?$/.exec(parameter)?.[1])
    .find((found) => found !== undefined);
  if (charset === undefined || ['utf-8', 'utf8', 'us-ascii', 'ascii'].includes(charset)) return null;
  return `The body is said to be encoded in ${JSON.stringify(charset.slice(0, 100))}, and this server reads JSON in UTF-8.`;
}
