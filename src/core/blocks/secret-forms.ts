/** The forms in which a secret comes back in what services and programs say: all of them are masked. Pure. */

/** Shorter ones are in every other text. */
const CHARACTERS_MIN = 4;
/** A text that is longer is no key, and its forms would fill the memory. */
const CHARACTERS_MAX = 16 * 1024;

/**
 * @param secret as the block has it
 * @param names that may stand before it in a login, `name:secret`
 * @returns the secret and its forms; none of a text that is too short to be told from others
 */
export function secretForms(secret: string, names: readonly string[] = []): readonly string[] {
  const forms = new Set<string>();
  const add = (text: string): void => {
    if (text.length >= CHARACTERS_MIN) forms.add(text);
  };
  if (secret.length > CHARACTERS_MAX) return [secret];
  for (const text of [secret, ...partsOf(secret)]) {
    add(text);
    if (text.length < CHARACTERS_MIN) continue;
    for (const form of [percentEncoded(text), formEncoded(text), JSON.stringify(text).slice(1, -1)]) add(form);
    for (const form of base64Forms(text)) add(form);
  }
  for (const name of names) for (const form of base64Forms(`${name}:${secret}`)) add(form);
  return [...forms];
}

/** A receiver that repeats what it was asked knows of an address its path alone; its password may stand alone, too. */
function partsOf(text: string): readonly string[] {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) || !URL.canParse(text)) return [];
  const { pathname, search, username, password, href } = new URL(text);
  const login = [password, decoded(password)];
  // Of addresses of the web: a name alone is no secret, and of others the whole is in the path.
  const path = pathname.length > 1 ? [`${pathname}${search}`, pathname] : [];
  const both = password === '' ? [] : base64Forms(`${decoded(username)}:${decoded(password)}`);
  return [href, ...path, ...login, ...both];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // Half of a character has no such form.
    return text;
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}

/** With both alphabets, and without what fills the end. */
function base64Forms(text: string): readonly string[] {
  const plain = btoa(String.fromCodePoint(...new TextEncoder().encode(text))).replace(/=+$/, '');
  return [plain, plain.replaceAll('+', '-').replaceAll('/', '_')];
}
