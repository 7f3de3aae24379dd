import { Limit, LIMIT_DEFAULT, LIMIT_MAX } from '../contract/route.ts';
import type { TSchema } from '../contract/type.ts';
import type { Answer } from './operation.ts';

/** `null` and absent are the defaults: 200 rows from the first. */
export function pageOf({ limit, offset }: { readonly limit?: number | null | undefined; readonly offset?: number | null | undefined }): { readonly limit: number; readonly offset: number } {
  return { limit: limit ?? LIMIT_DEFAULT, offset: offset ?? 0 };
}

/**
 * 422 for a body that asks for more rows than there may be, or for fewer than none; `null`: that is not what is wrong with it.
 * `prefect flow-run logs --num-logs 500` looks for these very words, and asks for pages then.
 */
export function wrongLimitAnswer(schema: TSchema | undefined, body: unknown): Answer | null {
  if (!isRecord(schema) || !isRecord(schema['properties']) || schema['properties']['limit'] !== Limit || !isRecord(body)) return null;
  const limit = typeof body['limit'] === 'string' ? Number(body['limit']) : body['limit'];
  if (!Number.isInteger(limit)) return null;
  if ((limit as number) < 0) return { status: 422, body: { detail: 'Invalid limit: must be greater than or equal to 0.' } };
  if ((limit as number) > LIMIT_MAX) return { status: 422, body: { detail: `Invalid limit: must be less than or equal to ${LIMIT_MAX}.` } };
  return null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
