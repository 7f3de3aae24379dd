/** What every page has: skip link, navigation, state of the connection, theme, keys. */
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useState, useSyncExternalStore } from 'react';

import { connectionNow, onConnectionChange } from '../api/connection.ts';
import { Dialog } from '../components/dialog.tsx';
import { useHotkeys, useSearchKey } from '../components/hotkeys.ts';
import { Icon } from '../components/icon.tsx';
import { ThemeSwitch } from '../components/theme-switch.tsx';
import { AuthDialog, SignOutButton } from '../features/auth/auth-dialog.tsx';
import { AwayBanner } from '../features/connection/away-banner.tsx';

export function Frame() {
  const [isHelpOpen, setHelpOpen] = useState(false);
  const navigate = useNavigate();
  useSearchKey();
  useHotkeys({ '?': () => setHelpOpen(true), r: () => void navigate({ to: '/runs' }), f: () => void navigate({ to: '/flows' }), a: () => void navigate({ to: '/docs' }) });
  return (
    <>
      <a className="skip-link" href="#main">To the content</a>
      <header className="top">
        <Link to="/runs" className="brand" aria-label="Ostinato, to the runs">
          <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="var(--accent-fill)" /><path d="M7 20.5c2.2-9 4.6-9 6.8-2s4.6 7 6.8-2S25 11 25 11" fill="none" stroke="var(--on-accent)" strokeWidth="3" strokeLinecap="round" /></svg>
          <span>Ostinato</span>
        </Link>
        <nav aria-label="Pages">
          <Link to="/runs" activeProps={{ 'aria-current': 'page' }}>Runs</Link>
          <Link to="/flows" activeProps={{ 'aria-current': 'page' }}>Flows</Link>
          <Link to="/docs" activeProps={{ 'aria-current': 'page' }}>API</Link>
        </nav>
        <div className="top-tools">
          <ConnectionSign />
          <SignOutButton />
          <ThemeSwitch />
          <button type="button" className="icon-button" onClick={() => setHelpOpen(true)} aria-label="Keys" title="Keys (?)"><Icon name="help" /></button>
        </div>
      </header>
      <AwayBanner />
      <main id="main" tabIndex={-1}><Outlet /></main>
      {isHelpOpen && <KeysDialog onClose={() => setHelpOpen(false)} />}
      <AuthDialog />
    </>
  );
}

function ConnectionSign() {
  const connection = useSyncExternalStore(onConnectionChange, connectionNow);
  if (connection === null) return null;
  const says = connection === 'live' ? 'Live' : 'Reconnecting';
  return <span className="connection" data-connection={connection} role="status" title={connection === 'live' ? 'Changes appear as they happen' : 'What is shown may be old'}><i aria-hidden="true" />{says}</span>;
}

const KEYS = [
  ['/', 'search on this page'], ['j  k', 'next, previous row'], ['Enter', 'open'], ['Esc', 'close'], ['r', 'runs'], ['f', 'flows'], ['a', 'API'],
  ['← →  + −  0', 'timeline: move, zoom, show all'], ['?', 'these keys'],
] as const;

function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">{KEYS.map(([key, does]) => <div key={key}><dt>{key.split('  ').map((one) => <kbd key={one}>{one}</kbd>)}</dt><dd>{does}</dd></div>)}</dl>
    </Dialog>
  );
}
