import { useState, type FormEvent } from 'react';

import type { Demand } from '../../api/credentials.ts';
import { signIn } from '../../api/sign-in.ts';
import { Dialog } from '../../components/dialog.tsx';

/** What was refused meanwhile waits, and is sent again. */
export function SignIn({ demand }: { readonly demand: Demand }) {
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(
    demand === 'outdated'
      ? 'The server does not take the auth string any more that this page used. It may have been changed.'
      : null,
  );
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      if (!(await signIn(text.trim()))) setProblem('The server does not take this auth string.');
    } catch (error) {
      setProblem((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <Dialog title="Sign in" onClose={null}>
      <form onSubmit={(event) => void submit(event)}>
        <p>This server asks for its auth string.</p>
        {problem !== null && (
          <p className="form-error" role="alert">
            {problem}
          </p>
        )}
        <label className="field">
          Auth string
          <input
            type="password"
            name="auth"
            autoComplete="current-password"
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <p className="muted">
          What the server was started with, for instance <code>admin:secret</code> (setting{' '}
          <code>server.auth_string</code>). It is kept until this tab is closed.
        </p>
        <div className="dialog-actions">
          <button type="submit" className="button primary" disabled={isBusy}>
            {isBusy ? 'Signing in…' : 'Sign in'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
