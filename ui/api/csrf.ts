/**
 * The token that a server with CSRF protection wants to see with every write: asked for once in a tab, and anew when it
 * is not taken.
 */
const KEY = 'ostinato.csrf';

interface CsrfToken {
  readonly token: string;
  readonly client: string;
}

export function csrfHeaders(): Readonly<Record<string, string>> {
  const kept = sessionStorage.getItem(KEY);
  if (kept === null) return {};
  const { token, client } = JSON.parse(kept) as CsrfToken;
  return { 'Prefect-Csrf-Token': token, 'Prefect-Csrf-Client': client };
}

let learning: Promise<boolean> | null = null;

/**
 * For a write that was refused. Of many that are refused at once, one asks for all.
 *
 * @param refused the headers that it had
 * @returns whether there is another token now
 */
export async function learnCsrfToken(
  refused: Readonly<Record<string, string>>,
  ask: (path: string) => Promise<Response>,
): Promise<boolean> {
  const isOther = (): boolean => csrfHeaders()['Prefect-Csrf-Token'] !== refused['Prefect-Csrf-Token'];
  if (isOther()) return true;
  learning ??= askFor(ask).finally(() => (learning = null));
  return (await learning) && isOther();
}

async function askFor(ask: (path: string) => Promise<Response>): Promise<boolean> {
  const client = crypto.randomUUID();
  const response = await ask(`/csrf-token?client=${client}`);
  if (!response.ok) return false;
  const { token } = (await response.json()) as { token: string };
  sessionStorage.setItem(KEY, JSON.stringify({ token, client } satisfies CsrfToken));
  return true;
}
