/** A valid package name, made from the folder's name. */

const FALLBACK = 'my-flows';
/** Half of npm's limit. */
const LENGTH_MAX = 100;
/** npm refuses a package that depends on one of its own name, and some reserved names. */
const TAKEN = new Set(['ostinato', 'zod', 'typescript', 'node', 'node_modules', 'favicon.ico', 'package.json', 'test']);

export function projectName(folderName: string): string {
  const plain = folderName
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase();
  const name = plain
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
    .slice(0, LENGTH_MAX)
    .replaceAll(/[._-]+$/g, '');
  if (name === '') return FALLBACK;
  return TAKEN.has(name) ? `${name}-flows` : name;
}
