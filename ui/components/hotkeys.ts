/** Single keys, heard anywhere but while one types. */
import { useEffect, useEffectEvent } from 'react';

export type Hotkeys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** @param keys by `KeyboardEvent.key` */
export function useHotkeys(keys: Hotkeys): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) && event.key !== 'Escape') return;
    // A dialog has the keyboard to itself.
    if (document.querySelector('dialog[open]') !== null) return;
    keys[event.key]?.(event);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => press(event);
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
}

/** `j` and `k` move the focus through what matches, as the arrow keys of a list would. */
export function useListKeys(selector: string): void {
  const move = (by: 1 | -1) => (event: KeyboardEvent) => {
    const items = [...document.querySelectorAll<HTMLElement>(selector)];
    if (items.length === 0) return;
    const at = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
    const next =
      items[at === -1 ? (by === 1 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
    event.preventDefault();
  };
  useHotkeys({ j: move(1), k: move(-1) });
}

/** `/` goes to the search field of the page. */
export function useSearchKey(): void {
  useHotkeys({
    '/': (event) => {
      const field = document.querySelector<HTMLInputElement>('input[data-search]');
      if (field === null) return;
      event.preventDefault();
      field.focus();
      field.select();
    },
  });
}
