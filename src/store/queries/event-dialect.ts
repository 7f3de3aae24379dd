/** SQL that differs between dialects in event queries. */

import type { Dialect } from '../driver.ts';

export interface EventDialect extends Pick<
  Dialect,
  'isOneOf' | 'list' | 'elements' | 'texts' | 'jsonText' | 'occursIn'
> {
  /** The text of an id that a column holds; the id that a text of hexadecimal digits is. */
  idText(column: string): string;
  idOf(text: string): string;
  /** A join before `on` whose left side the database reads first. */
  readonly orderedJoin: string;
  /** A table of the members of a JSON object: `key`, and `value` as text. */
  entries(json: string, alias: string): string;
  /**
   * A condition that the column matches, or does not match, a pattern that `pattern` makes from one with `*` and `?`.
   */
  fits(column: string, pattern: string, isTurned: boolean): string;
  pattern(wildcards: string): string;
  /** The text for case-insensitive comparison. */
  folded(text: string): string;
  /** In a group of events: the expression for the newest one (or the oldest). */
  ofOne(expression: string): string;
}
