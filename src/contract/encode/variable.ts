import type * as wire from '../schema/variable.ts';
import { formatInstant } from '../../core/time.ts';
import type { Variable } from '../../core/variable.ts';

export function encodeVariable({ id, name, value, tags, createdAt, updatedAt }: Variable): wire.Variable {
  return { id, created: formatInstant(createdAt), updated: formatInstant(updatedAt), name, value, tags: [...tags] };
}
