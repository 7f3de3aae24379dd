/**
 * An automation as text, YAML, and back. Numbers keep their digits both ways. Loaded with the text alone.
 */
import { isScalar, parseDocument, stringify, visit, type ScalarTag } from 'yaml';

import { WrittenNumber } from '../../api/lossless-json.ts';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ALIASES_MAX = 20;

/** Written as it is; nothing that is read becomes one by itself. */
const AS_WRITTEN: ScalarTag = {
  tag: 'tag:ostinato,number',
  default: true,
  identify: (value) => value instanceof WrittenNumber,
  test: /(?!)/,
  resolve: (text) => text,
  stringify: ({ value }) => (value as WrittenNumber).source,
};

export function writeYaml(value: unknown): string {
  return stringify(value, { customTags: [AS_WRITTEN], lineWidth: 100, aliasDuplicateObjects: false });
}

export type ReadText =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

/** YAML, and so also JSON. What is wrong is told with its line. */
export function readYaml(text: string): ReadText {
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: false });
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, problem: error.message.split('\n')[0] ?? 'This is no YAML.' };
  visit(document, {
    Scalar(_key, node) {
      const { value, source } = node;
      if (isScalar(node) && typeof value === 'number' && source !== undefined && source !== String(value))
        node.value = NUMBER.test(source) ? new WrittenNumber(source) : value;
    },
  });
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown };
  } catch (failure) {
    return { ok: false, problem: failure instanceof Error ? failure.message : String(failure) };
  }
}
