/** The small pieces that the entities of the wire are made of. */

import { Type, type TSchema } from '../type.ts';

export const Uuid = Type.String({ format: 'uuid' });
/** RFC 3339 in UTC with six fractional digits, for instance `2026-11-22T18:13:00.000001Z`. */
export const DateTime = Type.String({
  format: 'date-time',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z$',
});
export const Seconds = Type.Number({ minimum: 0 });
/** A whole number that JavaScript holds exactly, as databases do: none of 1e300. */
export function Whole(
  bounds: { readonly minimum?: number; readonly maximum?: number; readonly exclusiveMinimum?: number } = {},
) {
  return Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, ...bounds });
}
export const Count = Whole({ minimum: 0 });
export const Tags = Type.Array(Type.String());
/** Values of users: any JSON, passed through untouched. */
export const Json = Type.Unknown();
export const JsonObject = Type.Record(Type.String(), Type.Unknown());
export const Labels = Type.Record(Type.String(), Type.Unknown());

export function Nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** Entities carry exactly these fields: a field that is not in the schema is a defect, not an extension. */
export const EXACT = { additionalProperties: false } as const;
