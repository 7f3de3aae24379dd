import { Type } from '../type.ts';

import { variableFilter } from '../filter/records.ts';
import { variableSorts } from '../filter/sort.ts';
import { Action, Limit, Maybe, Offset, Parts } from '../route.ts';
import { Json } from '../schema/scalars.ts';

const VariableName = Type.String({ title: 'Variable name', pattern: '^[a-z0-9_-]+$', minLength: 1, maxLength: 255 });
const TagsIn = Type.Array(Type.String());

export const VariableCreate = Action({ name: VariableName, value: Json, tags: Type.Optional(TagsIn) });
export const VariableUpdate = Action({ name: Maybe(VariableName), value: Type.Optional(Json), tags: Maybe(TagsIn) });
export const VariablesCount = Parts({ variables: Maybe(variableFilter.schema) });
export const VariablesFilter = Parts({ ...VariablesCount.properties, sort: variableSorts.schema, limit: Limit, offset: Offset });
