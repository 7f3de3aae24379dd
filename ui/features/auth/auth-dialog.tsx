import { useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore, type FormEvent } from 'react';

import { authString, giveAuth, isAuthDemanded, onAuthChange } from '../../api/credentials.ts';
import { Dialog } from '../../components/dialog.tsx';

/** Asks for the auth string of a server that has one, as often as it refuses. */
export function AuthDialog() {
  const isDemanded = useSyncExternalStore(onAuthChange, isAuthDemanded);
  const client = useQueryClient();
  const [text, setText] = useState('');
  if (!isDemanded) return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    giveAuth(text);
    void client.resetQueries();
  };
  return (
    <Dialog title="This server asks for its auth string" onClose={null}>
      <form onSubmit={submit}>
        {authString() !== null && <p className="form-error" role="alert">The server refused what was given.</p>}
        <label className="field">
          Auth string
          <input type="password" autoComplete="current-password" required value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        <p className="muted">What the server was started with, for instance <code>admin:secret</code>. It is kept for this browser tab only.</p>
        <div className="dialog-actions"><button type="submit" className="button primary">Go on</button></div>
      </form>
    </Dialog>
  );
}
