/** Signing in and out: the dialog's own code comes when a server asks for it. */
import { useSyncExternalStore } from 'react';

import { authDemand, authString, onAuthChange, signOut } from '../../api/credentials.ts';
import { Icon } from '../../components/icon.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';

const SignIn = lazyPage(null, async () => (await import('./sign-in.tsx')).SignIn, { isQuiet: true });

/** Asks for the auth string of a server that has one. What was refused meanwhile waits, and is sent again. */
export function AuthDialog() {
  const demand = useSyncExternalStore(onAuthChange, authDemand);
  return demand === null ? null : <SignIn demand={demand} />;
}

/** Only where somebody has signed in. */
export function SignOutButton() {
  const auth = useSyncExternalStore(onAuthChange, authString);
  if (auth === null) return null;
  return (
    <button type="button" className="icon-button" onClick={signOut} aria-label="Sign out" title="Sign out">
      <Icon name="leave" />
    </button>
  );
}
