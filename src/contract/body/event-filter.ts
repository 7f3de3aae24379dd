/** The filter of events. Unknown keys are mistakes. */

import { Type, type Static } from '../type.ts';

import { Action, Maybe, TimeIn, UuidIn } from '../route.ts';
import { Whole } from '../schema/scalars.ts';

/** Names, ids, patterns: a page has 50 events. */
const TEXTS_MAX = 1000;
/** Each is a condition of its own; the store takes fewer yet. */
const PARTS_MAX = 1000;
const Texts = Maybe(Type.Array(Type.String(), { maxItems: TEXTS_MAX }));
const LabelsIn = Maybe(
  Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: TEXTS_MAX })]), {
    maxProperties: PARTS_MAX,
  }),
);

const RelatedIn = Action(
  {
    id: Texts,
    role: Texts,
    resources_in_roles: Maybe(Type.Array(Type.Tuple([Type.String(), Type.String()]), { maxItems: TEXTS_MAX })),
    labels: LabelsIn,
  },
  { title: 'EventRelatedFilter' },
);
const AnyResourceIn = Action({ id: Texts, id_prefix: Texts, labels: LabelsIn }, { title: 'EventAnyResourceFilter' });

const TEXT_CHARACTERS_MAX = 200;

export const EventFilterIn = Action({
  /** Default: from 180 days ago until now. */
  occurred: Type.Optional(Action({ since: Type.Optional(TimeIn), until: Type.Optional(TimeIn) })),
  event: Maybe(Action({ prefix: Texts, exclude_prefix: Texts, name: Texts, exclude_name: Texts })),
  resource: Maybe(Action({ id: Texts, id_prefix: Texts, labels: LabelsIn, distinct: Type.Optional(Type.Boolean()) })),
  related: Maybe(Type.Union([RelatedIn, Type.Array(RelatedIn, { maxItems: PARTS_MAX })])),
  any_resource: Maybe(Type.Union([AnyResourceIn, Type.Array(AnyResourceIn, { maxItems: PARTS_MAX })])),
  id: Type.Optional(Action({ id: Maybe(Type.Array(UuidIn, { maxItems: TEXTS_MAX })) })),
  text: Maybe(Action({ query: Type.String({ maxLength: TEXT_CHARACTERS_MAX }) })),
  order: Type.Optional(Type.Union([Type.Literal('ASC'), Type.Literal('DESC')])),
});
export type EventFilterIn = Static<typeof EventFilterIn>;

/** Events of a page: 0…50, default 50. */
export const EVENTS_MAX = 50;
export const EventLimit = Maybe(Whole({ minimum: 0, maximum: EVENTS_MAX }));
export const TimeUnitIn = Type.Union([
  Type.Literal('week'),
  Type.Literal('day'),
  Type.Literal('hour'),
  Type.Literal('minute'),
  Type.Literal('second'),
]);
