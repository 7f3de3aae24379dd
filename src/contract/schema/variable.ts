import { Type, type Static } from '../type.ts';

import { DateTime, EXACT, Json, Tags, Uuid } from './scalars.ts';

export const Variable = Type.Object({ id: Uuid, created: DateTime, updated: DateTime, name: Type.String({ maxLength: 255 }), value: Json, tags: Tags }, EXACT);
export type Variable = Static<typeof Variable>;
