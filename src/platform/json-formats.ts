/** The formats that Python's `jsonschema` checks in Prefect's server; other formats are ignored. */

import { isIPv4, isIPv6 } from 'node:net';

import { isUuid } from '../core/ids.ts';

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[zZ]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/;
const hasAt = (text: string): boolean => text.includes('@');

export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  'date-time': (text) =>
    isDate(text.slice(0, 10)) &&
    /^[tT ]/.test(text.slice(10)) &&
    TIME.test(text.slice(11)) &&
    /(?:[zZ]|:\d\d)$/.test(text) &&
    !/^[^zZ+-]*$/.test(text.slice(11)),
  time: (text) => TIME.test(text),
  email: hasAt,
  'idn-email': hasAt,
  ipv4: isIPv4,
  ipv6: isIPv6,
  uuid: isUuid,
  regex: canCompile,
  'json-pointer': (text) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text),
  'relative-json-pointer': (text) => /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/.test(text),
};

function canCompile(pattern: string): boolean {
  try {
    return RegExp(pattern.replaceAll('(?P<', '(?<')) instanceof RegExp;
  } catch {
    return false;
  }
}
