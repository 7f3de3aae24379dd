/** An automation as the form and its text have it: JSON in the names of the wire, whatever is in it. Pure. */
import { WrittenNumber } from '../../api/lossless-json.ts';

export type Json = Readonly<Record<string, unknown>>;

/** What a form does not show is kept as it is. */
export type Rule = Json;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);
}

export function textOf(value: unknown): string {
  if (value instanceof WrittenNumber) return value.source;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}

export function partsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** With some members changed; `undefined` takes one out. */
export function changed(json: Json, change: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(Object.entries({ ...json, ...change }).filter(([, value]) => value !== undefined));
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** What somebody types where a number belongs: the server says what is wrong with anything else. */
export function numberIn(text: string): unknown {
  const typed = text.trim();
  if (typed === '') return undefined;
  if (!NUMBER.test(typed)) return typed;
  return String(Number(typed)) === typed ? Number(typed) : new WrittenNumber(typed);
}

export type TriggerKind = 'happens' | 'missing' | 'compound' | 'sequence';

export function kindOf(trigger: Json): TriggerKind {
  const { type } = trigger;
  if (type === 'compound' || type === 'sequence') return type;
  return trigger['posture'] === 'Proactive' ? 'missing' : 'happens';
}

const HOUR_SECONDS = 3600;

export const FIRST_TRIGGER: Json = { type: 'event', posture: 'Reactive', expect: [], threshold: 1, within: 0 };

/** The trigger as one of another kind; what both have stays. */
export function ofKind(trigger: Json, kind: TriggerKind): Json {
  if (kindOf(trigger) === kind) return trigger;
  const isComposite = Array.isArray(trigger['triggers']);
  if (kind === 'compound' || kind === 'sequence') {
    const triggers = isComposite ? trigger['triggers'] : [trigger, FIRST_TRIGGER];
    const within = isComposite ? trigger['within'] : HOUR_SECONDS;
    return { type: kind, ...(kind === 'compound' ? { require: 'all' } : {}), within, triggers };
  }
  const [event = FIRST_TRIGGER] = isComposite ? partsOf(trigger['triggers']) : [trigger];
  const waits = textOf(event['within']);
  return kind === 'missing'
    ? {
        ...event,
        type: 'event',
        posture: 'Proactive',
        within: waits === '' || waits === '0' ? HOUR_SECONDS : event['within'],
      }
    : { ...event, type: 'event', posture: 'Reactive' };
}

/** One label a line, `label: pattern`; a label that stands there twice has both patterns. */
export function labelsIn(text: string): Readonly<Record<string, string | readonly string[]>> {
  const labels = new Map<string, string | readonly string[]>();
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, label = line.trim(), pattern = ''] = /^\s*(.+?)\s*:(?:\s+(.*))?$/.exec(line) ?? [];
    const before = labels.get(label);
    labels.set(label, before === undefined ? pattern.trim() : [...[before].flat(), pattern.trim()]);
  }
  return Object.fromEntries(labels);
}

export function labelLines(labels: unknown): string {
  if (!isJson(labels)) return '';
  return Object.entries(labels)
    .flatMap(([label, patterns]) => [patterns].flat().map((pattern) => `${label}: ${textOf(pattern)}`))
    .join('\n');
}

/** Labels of several related resources, each of which must be there: parted by an empty line. */
export function relatedIn(text: string): unknown {
  const groups = text
    .split(/\n\s*\n/)
    .map(labelsIn)
    .filter((labels) => Object.keys(labels).length > 0);
  return groups.length > 1 ? groups : (groups[0] ?? {});
}

export function relatedLines(related: unknown): string {
  return [related]
    .flat()
    .map(labelLines)
    .filter((lines) => lines !== '')
    .join('\n\n');
}

const UNITS = [
  ['days', 86_400],
  ['hours', HOUR_SECONDS],
  ['minutes', 60],
  ['seconds', 1],
] as const;
export type Unit = (typeof UNITS)[number][0];
export const UNIT_NAMES: readonly Unit[] = ['seconds', 'minutes', 'hours', 'days'];

/** Seconds in the largest unit of which they are a whole number. */
export function spanOf(seconds: unknown): { readonly count: string; readonly unit: Unit } {
  const text = textOf(seconds);
  const number = Number(text);
  if (text === '' || !Number.isSafeInteger(number) || number <= 0) return { count: text, unit: 'seconds' };
  const [unit, size] = UNITS.find(([, each]) => number % each === 0) ?? ['seconds', 1];
  return { count: String(number / size), unit };
}

export function secondsOf(count: string, unit: Unit): unknown {
  const size = UNITS.find(([name]) => name === unit)?.[1] ?? 1;
  const typed = numberIn(count);
  return typeof typed === 'number' ? typed * size : typed;
}
