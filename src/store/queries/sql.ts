/**
 * Composes SQL: a template whose values are bound, and whose pieces of SQL are inserted.
 *
 * `sql.raw` takes text as it is: give it constants only, never what a caller sent.
 */

/** Text with a bound value between each two parts. */
export interface Sql {
  /** One more than there are values. */
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
}

/** A statement ready to be prepared. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

class Piece implements Sql {
  readonly texts: readonly string[];
  readonly values: readonly unknown[];

  constructor(texts: readonly string[], values: readonly unknown[]) {
    this.texts = texts;
    this.values = values;
  }
}

/** Pieces of SQL in the template are inserted; every other value is bound. */
export function sql(template: readonly string[], ...parts: readonly unknown[]): Sql {
  const texts = [template[0] as string];
  const values: unknown[] = [];
  const add = (text: string): void => void (texts[texts.length - 1] += text);
  parts.forEach((part, index) => {
    if (part instanceof Piece) {
      add(part.texts[0] as string);
      part.values.forEach((value, at) => {
        values.push(value);
        texts.push(part.texts[at + 1] as string);
      });
    } else {
      values.push(part);
      texts.push('');
    }
    add(template[index + 1] as string);
  });
  return new Piece(texts, values);
}

sql.raw = (text: string): Sql => new Piece([text], []);

/** Joins parts, each a piece of SQL or a value to bind; empty without parts. */
sql.join = (parts: readonly unknown[], separator = ', '): Sql =>
  sql(['', ...parts.slice(1).map(() => separator), ''].slice(0, parts.length + 1), ...parts);

/** @param placeholder the text for the n-th value, counted from 1; SQLite's by default */
export function statementOf({ texts, values }: Sql, placeholder: (position: number) => string = () => '?'): Statement {
  let text = texts[0] as string;
  for (let index = 0; index < values.length; index += 1) text += placeholder(index + 1) + (texts[index + 1] as string);
  return { sql: text.replaceAll(/\s+/g, ' '), parameters: values };
}
