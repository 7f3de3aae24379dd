/**
 * Parameters that say what slot they are for: `{{ slot.start }}`, `{{ slot.end }}`, `{{ slot.date }}`, and with
 * `| date` the local date of a bound.
 *
 * Nothing else is a template: there is no expression, no loop, and what comes out is text that is not looked at again.
 * A slot ends where the next one of its schedule begins. Other texts in double braces are values, as they always were.
 */

import { OstinatoError } from '../errors.ts';
import { exactValue } from '../json-value.ts';
import { didYouMean } from '../nearest-word.ts';
import type { Instant } from '../time.ts';
import { inWrittenOrder } from '../written-order.ts';
import { zonedText } from './local-time.ts';
import { zoneOf } from './zone.ts';

export interface SlotBounds {
  readonly start: Instant;
  /** `null`: its schedule has no slot behind it. */
  readonly end: Instant | null;
  /** Whose clocks the texts show. */
  readonly zone: string;
}

const NAMES = ['slot.start', 'slot.end', 'slot.date', 'slot.start | date', 'slot.end | date'] as const;
type Name = (typeof NAMES)[number];

/** Braces with no braces inside. */
const BRACES = /\{\{([^{}]*)\}\}/g;
const OF_SLOT = /^slot\b/;

/** Without spaces that say nothing: ` slot.start|date ` is `slot.start | date`. */
function normal(inner: string): string {
  return inner.trim().replaceAll(/\s*\|\s*/g, ' | ');
}

/** Whether anything in the JSON may be one: spares the rest to most parameters. */
export function mayHaveSlotTemplates(json: string): boolean {
  return json.includes('{{');
}

/** The same JSON with its templates filled in, numbers to the letter. An end that is not is `null`, in text empty. */
export function fillSlotTemplates(json: string, bounds: SlotBounds): string {
  if (!mayHaveSlotTemplates(json)) return json;
  const values = textsOf(bounds);
  return JSON.stringify(mapTexts(exactValue(json), (text) => filled(text, values)));
}

function filled(text: string, values: (name: Name) => string | null): string | null {
  const whole = /^\s*\{\{([^{}]*)\}\}\s*$/.exec(text);
  const name = whole === null ? null : normal(whole[1] ?? '');
  if (name !== null && isName(name)) return values(name);
  return text.replaceAll(BRACES, (all, inner: string) => {
    const known = normal(inner);
    return isName(known) ? (values(known) ?? '') : all;
  });
}

function textsOf({ start, end, zone }: SlotBounds): (name: Name) => string | null {
  const clock = zoneOf(zone);
  const date = (instant: Instant): string => zonedText(instant, clock).slice(0, 'YYYY-MM-DD'.length);
  const texts: Readonly<Record<Name, string | null>> = {
    'slot.start': zonedText(start, clock),
    'slot.end': end === null ? null : zonedText(end, clock),
    'slot.date': date(start),
    'slot.start | date': date(start),
    'slot.end | date': end === null ? null : date(end),
  };
  return (name) => texts[name];
}

function isName(text: string): text is Name {
  return (NAMES as readonly string[]).includes(text);
}

/** Whether a template in the JSON is of the slot's end. */
export function namesSlotEnd(json: string): boolean {
  if (!mayHaveSlotTemplates(json)) return false;
  let isNamed = false;
  mapTexts(exactValue(json), (text) => {
    for (const [, inner = ''] of text.matchAll(BRACES)) isNamed ||= normal(inner).startsWith('slot.end');
    return text;
  });
  return isNamed;
}

/**
 * `bad-input`, with the place, for a template of something that a slot does not have.
 *
 * @param isEvery whether every text in double braces has to be one of these; else only those that begin with `slot`
 */
export function checkSlotTemplates(json: string, isEvery: boolean): void {
  if (!mayHaveSlotTemplates(json)) return;
  mapTexts(exactValue(json), (text, place) => {
    for (const [all, inner = ''] of text.matchAll(BRACES)) {
      const name = normal(inner);
      if (isName(name) || !(isEvery || OF_SLOT.test(name))) continue;
      throw new OstinatoError(
        'bad-input',
        `The parameter ${place} has the template ${all.slice(0, 60)}, which is none of a slot.${didYouMean(name, NAMES)}`,
        { remedy: `Write one of: ${NAMES.map((each) => `{{ ${each} }}`).join(', ')}.` },
      );
    }
    return text;
  });
}

/** @param place of the value: `day`, `range.from`, `days[0]` */
function mapTexts(value: unknown, of: (text: string, place: string) => unknown, place = ''): unknown {
  if (typeof value === 'string') return of(value, place);
  if (Array.isArray(value)) return value.map((each, index) => mapTexts(each, of, `${place}[${index}]`));
  // A number to the letter is a frozen object without a prototype, which goes out as it is.
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  return inWrittenOrder(
    Object.entries(value).map(([name, part]) => [name, mapTexts(part, of, place === '' ? name : `${place}.${name}`)]),
  );
}
