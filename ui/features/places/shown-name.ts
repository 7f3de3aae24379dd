const NAME_SHOWN_MAX = 80;

/** An address can be of any length, and have letters that move others. */
export function shownName(name: string): string {
  const line = Array.from(name.slice(0, NAME_SHOWN_MAX * 2 + 2), (letter) =>
    /[\p{Cc}\p{Cf}]/u.test(letter) ? '\uFFFD' : letter,
  );
  return line.length <= NAME_SHOWN_MAX ? line.join('') : `${line.slice(0, NAME_SHOWN_MAX).join('')}…`;
}

/** With the article that it takes, for instance `an artifact`. */
export function oneOf(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
