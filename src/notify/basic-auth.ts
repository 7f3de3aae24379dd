/** @returns the header `Authorization` of a name and a password, in UTF-8 */
export function basicAuth(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`, 'utf8').toString('base64')}`;
}
