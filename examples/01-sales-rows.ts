/**
 * What one row of the shop's export means. Plain functions without flow or task: they are tested as they are, and the
 * pipeline in `01-sales.ts` wraps them.
 */

import type { RawRow } from './01-sales-csv.ts';

export const COLUMNS = [
  'order_id',
  'ordered_at',
  'customer',
  'shipping_address',
  'country',
  'product',
  'quantity',
  'unit_price',
] as const;

/** A row that can be worked with. */
export interface Sale {
  order_id: string;
  /** `2025-03-14` */
  date: string;
  customer: string;
  shipping_address: string;
  country: string;
  product: string;
  /** Below zero: sent back. */
  quantity: number;
  unit_price: number;
  total: number;
}

/** Of the cleaned file, in this order. */
export const SALE_COLUMNS = [
  'order_id',
  'date',
  'customer',
  'shipping_address',
  'country',
  'product',
  'quantity',
  'unit_price',
  'total',
] as const satisfies readonly (keyof Sale)[];

export type Verdict =
  | { fate: 'kept'; sale: Sale }
  | { fate: 'dropped'; column: string }
  | { fate: 'malformed'; reason: string };

/** Kept, dropped because a value is missing, or malformed with the reason. Never throws. */
export function judgeRow({ cells, problem }: RawRow): Verdict {
  if (cells === null) return { fate: 'malformed', reason: problem ?? 'unreadable' };
  const missing = cells.findIndex(isNull);
  if (missing >= 0) return { fate: 'dropped', column: COLUMNS[missing] ?? '' };
  try {
    return { fate: 'kept', sale: readSale(cells) };
  } catch (error) {
    return { fate: 'malformed', reason: (error as Error).message };
  }
}

export function isNull(cell: string): boolean {
  return ['', 'na', 'n/a', 'null'].includes(cell.trim().toLowerCase());
}

function readSale(cells: readonly string[]): Sale {
  const [
    order_id = '',
    orderedAt = '',
    customer = '',
    shipping_address = '',
    country = '',
    product = '',
    amount = '',
    price = '',
  ] = cells;
  if (!/^[A-Z]{2}$/.test(country)) throw new Error(`country "${country}" is not a code of two letters`);
  const quantity = readQuantity(amount);
  const unit_price = readPrice(price);
  return {
    order_id,
    date: readDate(orderedAt, country),
    customer,
    shipping_address,
    country,
    product,
    quantity,
    unit_price,
    total: (quantity * Math.round(unit_price * 100)) / 100,
  };
}

/** What the shop can neither send nor charge is a slip: a bar code in the wrong column, a finger left on the 0 key. */
const QUANTITY_MAX = 1_000_000;
const PRICE_MAX = 10_000_000;

export function readQuantity(text: string): number {
  if (!/^-?[1-9]\d*$/.test(text)) throw new Error(`quantity "${text}" is not a whole number other than 0`);
  if (Math.abs(Number(text)) > QUANTITY_MAX) throw new Error(`quantity "${text}" is beyond ${QUANTITY_MAX}`);
  return Number(text);
}

const POINT_PRICE = /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$/;
const COMMA_PRICE = /^(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d{1,2})?$/;

/**
 * `1,234.56`, `1.234,56`, `1234,5` and `1.234`: the last mark is the decimal one, unless exactly three digits follow
 * it.
 */
export function readPrice(text: string): number {
  const amount = POINT_PRICE.test(text)
    ? text.replaceAll(',', '')
    : COMMA_PRICE.test(text)
      ? text.replaceAll('.', '').replace(',', '.')
      : null;
  if (amount === null) throw new Error(`price "${text}" is not an amount`);
  if (Number(amount) > PRICE_MAX) throw new Error(`price "${text}" is beyond ${PRICE_MAX}`);
  return Number(amount);
}

/** `2025-03-14` with or without a time, `14.03.2025`, `14/03/2025`, and in the United States `03/14/2025`. */
export function readDate(text: string, country: string): string {
  const found =
    /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[T ]\d\d:\d\d.*)?$/.exec(text) ??
    /^(?<day>\d\d)\.(?<month>\d\d)\.(?<year>\d{4})$/.exec(text) ??
    (country === 'US'
      ? /^(?<month>\d\d)\/(?<day>\d\d)\/(?<year>\d{4})$/
      : /^(?<day>\d\d)\/(?<month>\d\d)\/(?<year>\d{4})$/
    ).exec(text);
  const { year, month, day } = found?.groups ?? {};
  const date = `${year}-${month}-${day}`;
  // A day that does not exist, such as 30 February, comes back as another one.
  const time = Date.parse(`${date}T00:00:00Z`);
  if (!found || Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date)
    throw new Error(`date "${text}" is not a day`);
  return date;
}
