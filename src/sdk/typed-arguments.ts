/**
 * Converts a word on the command line by the flow's schema: text stays text, and a number keeps every digit that was
 * written, or is refused.
 */
import { OstinatoError } from '../core/errors.ts';
import { isJson } from '../core/json-value.ts';
import { repeatedKey } from '../core/repeated-key.ts';
import { shellWord } from '../core/shell-word.ts';
import { parseNumbers, UnheldNumber } from '../core/written-number.ts';
import { isObject, type Kind, type Shape } from './schema-kinds.ts';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** @param name the parameter's, for the error. @throws `bad-input` for a number that would lose digits */
export function readWord(name: string, text: string, shape: Shape): unknown {
  const { kinds } = shape;
  if (kinds?.has('string') === true) return readWhereTextFits(name, text, kinds, shape);
  if (kinds?.has('date') === true && isDate(text)) return new Date(text);
  return isJson(text) ? readJson(name, text, shape) : text;
}

/** Where text is valid, too, another type is only meant if the word is written as that type would be printed. */
function readWhereTextFits(name: string, text: string, kinds: ReadonlySet<Kind>, shape: Shape): unknown {
  const isMeant = (kind: Kind): boolean => kinds.has(kind);
  if (text === 'null') return isMeant('null') ? null : text;
  if (text === 'true' || text === 'false') return isMeant('boolean') ? text === 'true' : text;
  if (NUMBER.test(text)) {
    if (isMeant('number') && String(Number(text)) === text) return Number(text);
    return isMeant('bigint') && INTEGER.test(text) && String(BigInt(text)) === text ? BigInt(text) : text;
  }
  const isOnlyText = [...kinds].every((kind) => kind === 'string' || kind === 'null');
  if (isOnlyText || !isJson(text)) return text;
  const isStructure =
    (text.trimStart().startsWith('[') && isMeant('array')) || (text.trimStart().startsWith('{') && isMeant('object'));
  // Where both are valid, quotes mark text that looks like another type.
  return isStructure || text.startsWith('"') ? readJson(name, text, shape) : text;
}

/** Parses a JSON text. @throws `bad-input` as `readWord`; SyntaxError when it is not JSON */
export function readJson(name: string, text: string, shape: Shape): unknown {
  const value = parseNumbers(text, (number) => number);
  refuseRepeatedKeys(text, name === '' ? 'The JSON' : `"${name}"`);
  return settle(value, shape, name);
}

/** Refuses keys that occur twice, as it is unclear which value is meant. @param text valid JSON. @throws `bad-input` */
export function refuseRepeatedKeys(text: string, what: string): void {
  const key = repeatedKey(text);
  if (key === null) return;
  throw new OstinatoError('bad-input', `${what} has the key ${JSON.stringify(short(key))} twice in one object.`, {
    remedy: 'Give each key once.',
  });
}

function settle(value: unknown, shape: Shape, path: string): unknown {
  if (value instanceof UnheldNumber) return settleUnheld(value, shape, path);
  if (typeof value === 'string') return isWantedDate(shape) && isDate(value) ? new Date(value) : value;
  if (typeof value === 'number') return isWantedBigInt(shape) && Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item, index) => settle(item, shape.at(index), `${path}[${index}]`));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      settle(part, shape.at(key), path === '' ? key : `${path}.${key}`),
    ]),
  );
}

function isDate(text: string): boolean {
  return DATE.test(text) && !Number.isNaN(Date.parse(text));
}

function isWantedDate({ kinds }: Shape): boolean {
  return kinds?.has('date') === true && !kinds.has('string');
}

function isWantedBigInt({ kinds }: Shape): boolean {
  return kinds?.has('bigint') === true && !kinds.has('number');
}

function settleUnheld(number: UnheldNumber, { kinds }: Shape, path: string): unknown {
  if (number.isInteger && kinds?.has('bigint') === true) return number.toBigInt();
  if (kinds?.has('string') === true) return number.text;
  const value = Number(number.text);
  const becomes = Number.isFinite(value)
    ? `it would become ${number.isInteger ? BigInt(value) : value}`
    : 'it is beyond all of them';
  throw new OstinatoError(
    'bad-input',
    `"${path}" is ${short(number.text)}, which a JavaScript number cannot hold: ${becomes}.`,
    {
      remedy: `${number.isInteger ? 'Have the flow take it as text or as a bigint' : 'Have the flow take it as text'}, and pass it so: -p ${shellWord(`${path.split(/[.[]/, 1)[0]}="${short(number.text)}"`)}`,
    },
  );
}

const SHOWN_MAX = 60;

function short(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
