import { LIMIT_DEFAULT } from '../contract/route.ts';

/** `null` and absent are the defaults: 200 rows from the first. */
export function pageOf({ limit, offset }: { readonly limit?: number | null | undefined; readonly offset?: number | null | undefined }): { readonly limit: number; readonly offset: number } {
  return { limit: limit ?? LIMIT_DEFAULT, offset: offset ?? 0 };
}
