/** What a page is narrowed to lies in its address: a copied one shows the same, and Back undoes the last change. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { createContext, use } from 'react';

import type { ChangeOptions } from '../../components/search-field.tsx';
import { scopedKey } from '../../components/search-values.ts';

/** Name of the part of the page that is drawn: two parts may have the same fields. */
export const SearchScope = createContext('');

/** A change of some fields; one that is empty, or `undefined`, is not said any more. */
export type SearchChange<Search extends object> = (
  change: { readonly [Key in keyof Search]?: Search[Key] | undefined },
  options?: ChangeOptions,
) => void;

/** @returns what the address says of these fields, as the route has understood it, and how to change them */
export function useSearchValues<Search extends object>(
  keys: readonly (keyof Search & string)[],
): readonly [Partial<Search>, SearchChange<Search>] {
  const scope = use(SearchScope);
  const all: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const values = Object.fromEntries(keys.map((key) => [key, all[scopedKey(scope, key)]])) as Partial<Search>;
  const change: SearchChange<Search> = (changed, { isMore = false } = {}) => {
    const next = Object.fromEntries(
      Object.entries(changed).map(([key, value]) => [scopedKey(scope, key), isEmpty(value) ? undefined : value]),
    );
    void navigate({
      to: '.',
      search: (old: object) => ({ ...old, ...next }) as never,
      hash: true,
      replace: isMore,
      resetScroll: false,
    });
  };
  return [values, change];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}
