/** What conditions about one field say in both dialects. What each says in its own way is a `LeafDialect`. */

import { OstinatoError } from '../../core/errors.ts';
import type { Scalar } from '../../core/query.ts';
import type { Dialect } from '../driver.ts';
import { uuidBytes } from '../id-value.ts';
import type { FieldKind } from '../nouns/field.ts';
import type { Bindable, CompiledLeaf, LeafCondition } from './sql-dialect.ts';
import { sql, type Sql } from './sql.ts';

/** In what the dialects differ: how lists are bound, and how texts are compared without their case. */
export interface LeafDialect {
  /** The column is one of these, of which there is at least one; not one of them where not `isWanted`. */
  isOneOf(values: readonly Scalar[], kind: FieldKind, isWanted: boolean): CompiledLeaf;
  /** Fits the pattern, in which `%` and `_` stand for something; nothing takes their meaning away. */
  isLike(pattern: string): CompiledLeaf;
  /** Has the text in it, or begins with it. */
  hasPart(text: string, isStart: boolean): CompiledLeaf;
  /** How a text is compared with a pattern of `*` and `?`, and that pattern as the database writes it. */
  readonly globOperator: string;
  globPattern(pattern: string): string;
  /** A table of texts that are bound as the one value that `list` makes: `wanted.value`. */
  texts(list: Sql): Sql;
  readonly list: Dialect['list'];
  /** A list in JSON has all of these, of which there is at least one, or any. */
  hasTags(tags: readonly string[], wantsAll: boolean): CompiledLeaf;
}

const TRUE = sql`1 = 1`;
const FALSE = sql`1 = 0`;
const COMPARISONS = { eq: '=', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

export function leafOf(dialect: LeafDialect): (condition: LeafCondition, kind: FieldKind) => CompiledLeaf {
  return (condition, kind) => {
    checkKind(condition, kind);
    switch (condition.op) {
      case 'in':
      case 'notIn': {
        const isWanted = condition.op === 'in';
        return condition.values.length === 0 ? always(!isWanted) : dialect.isOneOf(condition.values, kind, isWanted);
      }
      case 'isNull':
        return tested(condition.isNull, condition.isNull ? 'is null' : 'is not null');
      case 'like':
        return dialect.isLike(condition.pattern);
      case 'contains':
      case 'startsWith':
        return dialect.hasPart(condition.text, condition.op === 'startsWith');
      case 'hasPrefix':
        return someText(dialect, [condition.text], BEGINS_WITH);
      case 'hasAnyPrefix':
        return someText(dialect, condition.values, BEGINS_WITH);
      case 'glob': {
        const operator = sql.raw(dialect.globOperator);
        const patterns = condition.patterns.map((pattern) => dialect.globPattern(pattern));
        return someText(dialect, patterns, {
          uses: 1,
          test: (column, [pattern]) => sql`${column} ${operator} ${pattern}`,
        });
      }
      case 'hasAll':
      case 'hasAny': {
        const wantsAll = condition.op === 'hasAll';
        return condition.values.length === 0 ? always(wantsAll) : dialect.hasTags(condition.values, wantsAll);
      }
      case 'isEmpty':
        return tested(condition.isEmpty, condition.isEmpty ? "= '[]'" : "<> '[]'");
      default: {
        const sign = COMPARISONS[condition.op];
        return {
          tag: '',
          values: [boundScalar(condition.value, kind)],
          sql: (column, [value]) => sql`${column} ${sql.raw(sign)} ${value}`,
        };
      }
    }
  };
}

interface TextTest {
  /** How often the text stands in the test. */
  readonly uses: number;
  readonly test: (column: Sql, text: readonly Sql[]) => Sql;
}

const BEGINS_WITH: TextTest = {
  uses: 2,
  test: (column, [text, same]) => sql`substr(${column}, 1, length(${text})) = ${same}`,
};

/** Longer lists are bound as one value. */
const SINGLE_TEXTS_MAX = 16;
const WANTED = sql`wanted.value`;

/** One of the texts passes. */
function someText(dialect: LeafDialect, texts: readonly string[], { uses, test }: TextTest): CompiledLeaf {
  if (texts.length === 0) return always(false);
  if (texts.length > SINGLE_TEXTS_MAX)
    return {
      tag: 'many',
      values: [dialect.list('text', texts)],
      sql: (column, [list]) =>
        sql`case when ${column} is not null then exists (select 1 from ${dialect.texts(list as Sql)}
          where ${test(column, [WANTED, WANTED])}) end`,
    };
  return {
    tag: String(texts.length),
    values: texts.flatMap((text) => Array.from({ length: uses }, () => text)),
    sql: (column, slots) => {
      const parts = texts.map((_, index) => test(column, slots.slice(index * uses, (index + 1) * uses)));
      return sql`(${sql.join(parts, ' or ')})`;
    },
  };
}

type Operator = LeafCondition['op'];
const COMPARED: readonly Operator[] = ['in', 'notIn', 'eq', 'lt', 'le', 'gt', 'ge', 'isNull'];
const SEARCHED: readonly Operator[] = ['contains', 'startsWith', 'hasPrefix', 'hasAnyPrefix', 'like', 'glob'];
const KINDS: Readonly<Record<FieldKind, { readonly operators: readonly Operator[]; readonly type: string }>> = {
  id: { operators: COMPARED, type: 'string' },
  text: { operators: [...COMPARED, ...SEARCHED], type: 'string' },
  number: { operators: COMPARED, type: 'number' },
  boolean: { operators: COMPARED, type: 'boolean' },
  list: { operators: ['hasAll', 'hasAny', 'isEmpty', 'isNull'], type: 'string' },
};

/** @throws `bad-input` for a comparison or a value that fields of this kind do not know */
function checkKind(condition: LeafCondition, kind: FieldKind): void {
  const { op, field } = condition;
  const { operators, type } = KINDS[kind];
  if (!operators.includes(op))
    throw new OstinatoError('bad-input', `"${field}" cannot be asked for by "${op}".`, {
      remedy: `Choose one of ${operators.join(', ')}.`,
    });
  const values = 'values' in condition ? condition.values : 'value' in condition ? [condition.value] : [];
  for (const value of values)
    if (typeof value !== type || (type === 'number' && !Number.isFinite(value)))
      throw new OstinatoError(
        'bad-input',
        `"${field}" is compared with ${JSON.stringify(value)}, which is no ${type}.`,
      );
}

function always(isTrue: boolean): CompiledLeaf {
  return { tag: '0', values: [], sql: () => (isTrue ? TRUE : FALSE) };
}

function tested(isWanted: boolean, test: string): CompiledLeaf {
  return { tag: isWanted ? '1' : '0', values: [], sql: (column) => sql`${column} ${sql.raw(test)}` };
}

/** As the driver binds it. */
export function boundScalar(value: Scalar, kind: FieldKind): Bindable {
  if (kind === 'id') return uuidBytes(String(value));
  return typeof value === 'boolean' ? Number(value) : value;
}
