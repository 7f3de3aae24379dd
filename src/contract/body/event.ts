/** Events as clients send them. */

import { Type, type Static } from '../type.ts';

import { Maybe, TimeIn, UuidIn } from '../route.ts';

/** Larger events are refused. */
export const EVENT_BYTES_MAX = 1.5 * 1024 * 1024;
export const NAME_CHARACTERS_MAX = 1024;
export const LABELS_MAX = 500;
export const RELATED_MAX = 100;

const Labels = Type.Record(Type.String(), Type.String(), { maxProperties: LABELS_MAX });
const ResourceIn = Type.Intersect([Type.Object({ 'prefect.resource.id': Type.String({ minLength: 1 }) }), Labels]);
const RelatedIn = Type.Intersect([
  Type.Object({
    'prefect.resource.id': Type.String({ minLength: 1 }),
    'prefect.resource.role': Type.String({ minLength: 1 }),
  }),
  Labels,
]);

export const EventIn = Type.Object({
  occurred: TimeIn,
  event: Type.String({ maxLength: NAME_CHARACTERS_MAX }),
  resource: ResourceIn,
  related: Type.Optional(Type.Array(RelatedIn, { maxItems: RELATED_MAX })),
  payload: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  id: UuidIn,
  follows: Maybe(UuidIn),
});
export type EventIn = Static<typeof EventIn>;
