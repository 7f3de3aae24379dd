import type * as wire from '../schema/variable.ts';
import { formatInstant } from '../../core/time.ts';
import type { Variable } from '../../core/variable.ts';
import { rawJson } from '../wire-json.ts';

export function encodeVariable({ id, name, value, exactValue, tags, createdAt, updatedAt }: Variable): wire.Variable {
  return {
    id, created: formatInstant(createdAt), updated: formatInstant(updatedAt), name, value: exactValue === undefined ? value : rawJson(exactValue), tags: [...tags],
  };
}
