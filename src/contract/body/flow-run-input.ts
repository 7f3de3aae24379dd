import { Type } from '../type.ts';

import { Maybe, Parts } from '../route.ts';
import { Json, Whole } from '../schema/scalars.ts';

export const InputCreate = Parts({ key: Type.String(), value: Type.String(), sender: Maybe(Type.String()) });

export const InputFilter = Parts({ prefix: Type.String(), limit: Maybe(Whole()), exclude_keys: Maybe(Type.Array(Type.String())) });

/** What a paused run asked for: an object. */
export const Resume = Parts({ run_input: Maybe(Type.Record(Type.String(), Json)) });
