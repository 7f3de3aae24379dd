/**
 * Makes `sales.csv`: a shop's export as such files really arrive. `node examples/data/make-sales.ts` writes it anew,
 * always the same.
 *
 * The truth about every row is known here, so that a test can hold the pipeline's counts against it.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROWS = 5_400;
const HEADER = 'order_id,ordered_at,customer,shipping_address,country,product,quantity,unit_price';

interface Country {
  readonly code: string;
  readonly customers: readonly string[];
  readonly places: readonly string[];
  readonly writeDate: (day: Day) => string;
  readonly writePrice: (cents: number) => string;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface SalesFile {
  readonly text: string;
  readonly tally: { readonly kept: number; readonly dropped: number; readonly malformed: number };
}

const two = (value: number): string => String(value).padStart(2, '0');
const iso = ({ year, month, day }: Day): string => `${year}-${two(month)}-${two(day)}`;
const grouped = (whole: number, mark: string): string => String(whole).replace(/\B(?=(\d{3})+$)/g, mark);
const price =
  (thousands: string, decimal: string) =>
  (cents: number): string =>
    `${grouped(Math.floor(cents / 100), thousands)}${decimal}${two(cents % 100)}`;
/** People drop the last zero: 12,5. */
const shortPrice = (cents: number): string => price('.', ',')(cents).replace(/0$/, '');

const COUNTRIES: readonly Country[] = [
  {
    code: 'DE',
    customers: ['Jörg Müller', 'Müller & Söhne, GmbH', 'Katharina Weiß', 'Änne Groß'],
    places: ['Hauptstraße 5\n10115 Berlin', 'Am Markt 12a\n80331 München', 'Königsallee 60\n40212 Düsseldorf'],
    writeDate: (d) => `${two(d.day)}.${two(d.month)}.${d.year}`,
    writePrice: shortPrice,
  },
  {
    code: 'FR',
    customers: ['Zoé Lefèvre', 'Société Générale des Thés, SARL', 'François Noël'],
    places: ['12, rue de la Paix\n75002 Paris', '3, quai Perrache\n69002 Lyon'],
    writeDate: (d) => `${two(d.day)}/${two(d.month)}/${d.year}`,
    writePrice: (cents) => price('', ',')(cents),
  },
  {
    code: 'ES',
    customers: ['María-José Núñez', 'Íñigo Peña', 'Librería "El Quijote", S.L.'],
    places: ['Calle Mayor 7, 2.º B\n28013 Madrid', 'Carrer de la Marina 19\n08005 Barcelona'],
    writeDate: iso,
    writePrice: price('.', ','),
  },
  {
    code: 'US',
    customers: ['Grace Hopper', "O'Brien, Patrick", 'The "Corner" Store, Inc.'],
    places: ['350 Fifth Ave, Suite 2100\nNew York, NY 10118', '1 Market St\nSan Francisco, CA 94105'],
    writeDate: (d) => `${two(d.month)}/${two(d.day)}/${d.year}`,
    writePrice: price(',', '.'),
  },
  {
    code: 'GB',
    customers: ['Siân Llewellyn', 'Smith, Smith & Co.', 'Ada Byron'],
    places: ['221B Baker Street\nLondon NW1 6XE', 'The Old Mill\nYork YO1 7HH'],
    writeDate: (d) => `${two(d.day)}/${two(d.month)}/${d.year}`,
    writePrice: price(',', '.'),
  },
  {
    code: 'JP',
    customers: ['佐藤 花子', '株式会社すずき'],
    places: ['千代田区丸の内1-9-1\n東京都 100-0005', '北区梅田3-1-1\n大阪市 530-0001'],
    writeDate: (d) => `${iso(d)}T09:26:53Z`,
    writePrice: (cents) => String(cents / 100),
  },
  {
    code: 'PL',
    customers: ['Łukasz Żółć', 'Zażółć Gęślą, Sp. z o.o.'],
    places: ['ul. Długa 4/7\n31-147 Kraków', 'ul. Świętojańska 33\n81-391 Gdynia'],
    writeDate: iso,
    writePrice: shortPrice,
  },
];

const PRODUCTS: readonly (readonly [name: string, cents: number])[] = [
  ['Espresso beans, 1 kg', 1_890],
  ['Tea sampler', 1_250],
  ['Desk lamp, 12" arm', 4_450],
  ['Monitor 27", matt', 28_900],
  ['Standing desk, oak', 64_999],
  ['Notebook A5\n(dotted)', 790],
  ['Café mug "Ostinato"', 1_150],
  ['Keyboard, compact', 8_900],
  ['Piano stool', 12_300],
  ['Grand piano cover', 123_456],
  ['Metronome', 3_500],
];

const NULLS = ['', 'NA', 'null'];

/** Ways in which exports break, each with what it does to a row's fields: given as text already quoted. */
const BREAKS: readonly ((fields: string[]) => string[])[] = [
  (fields) => fields.slice(0, 5), // cut off
  (fields) => fields.slice(0, 7), // price missing
  (fields) => [...fields, 'GIFT'], // one more
  (fields) => with_(fields, 7, '1,299.00'), // thousands mark without quotes: one column too many
  (fields) => with_(fields, 6, 'two'),
  (fields) => with_(fields, 6, '1.5'),
  (fields) => with_(fields, 6, '0'),
  (fields) => with_(fields, 7, 'on request'),
  (fields) => with_(fields, 7, '12..50'),
  (fields) => with_(fields, 7, '-5.00'),
  (fields) => with_(fields, 1, '2025-02-30'),
  (fields) => with_(fields, 1, 'yesterday'),
  (fields) => with_(fields, 5, 'Monitor 24" glossy'), // a quote where none may be
  (fields) => with_(fields, 4, 'Atlantis'),
];

function with_(fields: readonly string[], at: number, value: string): string[] {
  return fields.map((field, index) => (index === at ? value : field));
}

/** mulberry32: small, seeded, the same everywhere. @returns draws 0 ≤ x < 1 */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function makeSales(seed = 2025): SalesFile {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const tally = { kept: 0, dropped: 0, malformed: 0 };
  const lines = [HEADER];
  for (let row = 0; row < ROWS; row += 1) {
    const country = pick(COUNTRIES);
    const [product, cents] = pick(PRODUCTS);
    const day = { year: 2025, month: 1 + below(12), day: 1 + below(28) };
    const quantity = random() < 0.05 ? -(1 + below(3)) : 1 + below(9);
    const fields = [
      `A-${100_001 + row}`,
      country.writeDate(day),
      pick(country.customers),
      pick(country.places),
      country.code,
      product,
      String(quantity),
      country.writePrice(Math.round(cents * (0.8 + random() * 0.4))),
    ].map(quoted);
    const fate = random();
    if (fate < 0.03) {
      lines.push(pick(BREAKS)(fields).join(','));
      tally.malformed += 1;
    } else if (fate < 0.09) {
      lines.push(with_(fields, 1 + below(7), pick(NULLS)).join(','));
      tally.dropped += 1;
    } else {
      lines.push(fields.join(','));
      tally.kept += 1;
    }
  }
  return { text: `\uFEFF${lines.join('\r\n')}\r\n`, tally };
}

if (import.meta.main) {
  const { text, tally } = makeSales();
  writeFileSync(join(import.meta.dirname, 'sales.csv'), text);
  console.log(`sales.csv: ${ROWS} rows`, tally);
}
