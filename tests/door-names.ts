/** What a door's declarations say of its exports. */

/** Names of values, without types, in the text of a `.d.ts` that passes on what other modules export. */
export function valueNames(declarations: string): string[] {
  const lists = [...declarations.matchAll(/^export \{([^}]*)\}/gm)].map(([, names = '']) => names);
  return lists
    .flatMap((names) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .sort();
}
