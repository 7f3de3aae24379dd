/** What every page has: skip link, navigation, state of the connection, theme, keys. */
import { Link, Outlet, useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { connectionNow, onConnectionChange } from '../api/connection.ts';
import { useHotkeys, useSearchKey } from '../components/hotkeys.ts';
import { Icon } from '../components/icon.tsx';
import { ThemeSwitch } from '../components/theme-switch.tsx';
import { AuthDialog, SignOutButton } from '../features/auth/auth-dialog.tsx';
import { AwayBanner } from '../features/connection/away-banner.tsx';
import { lazyPage } from '../features/connection/lazy-page.tsx';
import { SearchButton } from '../features/search/search-button.tsx';

const KeysDialog = lazyPage(null, async () => (await import('./keys-dialog.tsx')).KeysDialog, { isQuiet: true });

export function Frame() {
  const [isHelpOpen, setHelpOpen] = useState(false);
  const navigate = useNavigate();
  useSearchKey();
  useFocusOnPage();
  const pages = usePageInSight();
  useHotkeys({
    '?': () => setHelpOpen(true),
    r: () => void navigate({ to: '/runs' }),
    f: () => void navigate({ to: '/flows' }),
    d: () => void navigate({ to: '/deployments' }),
    w: () => void navigate({ to: '/work-pools' }),
    e: () => void navigate({ to: '/events' }),
    o: () => void navigate({ to: '/automations' }),
    a: () => void navigate({ to: '/docs' }),
  });
  return (
    <>
      <a className="skip-link" href="#main">
        To the content
      </a>
      <header className="top">
        <Link to="/runs" className="brand" aria-label="Ostinato, to the runs">
          <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="var(--accent-fill)" />
            <path
              d="M7 20.5c2.2-9 4.6-9 6.8-2s4.6 7 6.8-2S25 11 25 11"
              fill="none"
              stroke="var(--on-accent)"
              strokeWidth="3"
              strokeLinecap="round"
            />
          </svg>
          <span>Ostinato</span>
        </Link>
        <nav aria-label="Pages" ref={pages}>
          <Link to="/runs" activeProps={{ 'aria-current': 'page' }}>
            Runs
          </Link>
          <Link to="/flows" activeProps={{ 'aria-current': 'page' }}>
            Flows
          </Link>
          <Link to="/deployments" activeProps={{ 'aria-current': 'page' }}>
            Deployments
          </Link>
          <Link to="/work-pools" activeProps={{ 'aria-current': 'page' }}>
            Work pools
          </Link>
          <Link to="/events" activeProps={{ 'aria-current': 'page' }}>
            Events
          </Link>
          <Link to="/automations" activeProps={{ 'aria-current': 'page' }}>
            Automations
          </Link>
          <Link to="/docs" activeProps={{ 'aria-current': 'page' }}>
            API
          </Link>
        </nav>
        <div className="top-tools">
          <ConnectionSign />
          <SearchButton />
          <SignOutButton />
          <ThemeSwitch />
          <button
            type="button"
            className="icon-button"
            onClick={() => setHelpOpen(true)}
            aria-label="Keys"
            title="Keys (?)"
          >
            <Icon name="help" />
          </button>
        </div>
      </header>
      <AwayBanner />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      {isHelpOpen && <KeysDialog onClose={() => setHelpOpen(false)} />}
      <AuthDialog />
    </>
  );
}

/** Another page begins at its content, for keys and for who hears it: the link that led there is gone. */
function useFocusOnPage(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onResolved', ({ fromLocation, pathChanged }) => {
        if (fromLocation !== undefined && pathChanged) document.getElementById('main')?.focus({ preventScroll: true });
      }),
    [router],
  );
}

/** On a narrow screen the names of the pages are wider than it: the one that is shown is moved to. */
function usePageInSight() {
  const router = useRouter();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const move = (): void => {
      const current = nav.current?.querySelector<HTMLElement>('[aria-current]');
      if (nav.current && current)
        nav.current.scrollLeft =
          current.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - current.offsetWidth) / 2;
    };
    move();
    return router.subscribe('onRendered', move);
  }, [router]);
  return nav;
}

function ConnectionSign() {
  const connection = useSyncExternalStore(onConnectionChange, connectionNow);
  if (connection === null) return null;
  const says = connection === 'live' ? 'Live' : 'Reconnecting';
  return (
    <span
      className="connection"
      data-connection={connection}
      role="status"
      title={connection === 'live' ? 'Changes appear as they happen' : 'What is shown may be old'}
    >
      <i aria-hidden="true" />
      {says}
    </span>
  );
}
