import type { VariableId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Variable } from '../../core/variable.ts';
import { isExact } from '../exact-json.ts';
import { readId, type IdValue } from '../id-value.ts';

export interface VariableRow {
  readonly id: IdValue;
  readonly name: string;
  /** JSON. */
  readonly value: string;
  readonly tags: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export function readVariableRow(row: VariableRow): Variable {
  const value: unknown = JSON.parse(row.value);
  return {
    id: readId<VariableId>(row.id),
    name: row.name,
    value,
    ...(isExact(value, row.value) ? {} : { exactValue: row.value }),
    tags: JSON.parse(row.tags) as string[],
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}
