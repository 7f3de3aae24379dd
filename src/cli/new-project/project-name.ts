/** The name of a package after that of its folder, which may be anything. */

const FALLBACK = 'my-flows';
/** Half of what npm takes. */
const LENGTH_MAX = 100;
/** npm refuses a package that would depend on one of its own name, and some names altogether. */
const TAKEN = new Set(['ostinato', 'zod', 'typescript', 'node', 'node_modules', 'favicon.ico', 'package.json', 'test']);

export function projectName(folderName: string): string {
  const plain = folderName.normalize('NFKD').replaceAll(/\p{Mark}/gu, '').toLowerCase();
  const name = plain.replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/^[._-]+|[._-]+$/g, '').slice(0, LENGTH_MAX).replaceAll(/[._-]+$/g, '');
  if (name === '') return FALLBACK;
  return TAKEN.has(name) ? `${name}-flows` : name;
}
