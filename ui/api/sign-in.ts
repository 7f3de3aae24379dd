/** Trying an auth string before it is kept. */
import { hearTabs, keepAuth } from './credentials.ts';
import { takesAuth } from './http.ts';

/**
 * @returns whether the server takes it
 * @throws ApiError the server said neither yes nor no
 */
export async function signIn(auth: string): Promise<boolean> {
  const isTaken = await takesAuth(auth);
  if (isTaken) keepAuth(auth);
  return isTaken;
}

/** What another tab knows is tried unseen. */
export function signInWithOtherTabs(): void {
  hearTabs((auth) => void signIn(auth).catch(() => false));
}
