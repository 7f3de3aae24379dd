/**
 * Light, dark, or as the system is; kept in the browser.
 *
 * `public/theme.js` applies it before anything is drawn: this code comes later, and until then a white page would
 * flash.
 */
import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

export const THEMES = ['system', 'light', 'dark'] as const satisfies readonly Theme[];

const KEY = 'ostinato.theme';
/** Where the browser keeps nothing for pages, the choice lasts as long as the page. */
let unkept: string | null = null;
const listeners = new Set<() => void>();
const systemDark = matchMedia('(prefers-color-scheme: dark)');
systemDark.addEventListener('change', () => announce());

function storedTheme(): Theme {
  let stored = unkept;
  try {
    stored = localStorage.getItem(KEY) ?? unkept;
  } catch {
    // As said above.
  }
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

function announce(): void {
  for (const listener of listeners) listener();
}

/** Before the first paint, and after each change. */
export function applyTheme(): void {
  const theme = storedTheme();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function setTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    unkept = theme;
  }
  applyTheme();
  announce();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, storedTheme);
}

/** Whether it is dark now; changes with the system's choice too. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () => {
    const theme = storedTheme();
    return theme === 'system' ? systemDark.matches : theme === 'dark';
  });
}
