/**
 * `ostinato run FILE --help`: the parameters of the flows in the file, from their schemas. The file is loaded; nothing
 * in it is run.
 */
import { basename } from 'node:path';

import type { Command } from 'commander';

import { OstinatoError } from '../core/errors.ts';
import { shellWord } from '../core/shell-word.ts';
import { readExportedFlows, type ExportedFlow } from '../sdk/flow-file.ts';
import { locateFlowFile } from './flow-file-place.ts';
import { loadFailure } from './load-failure.ts';
import { endLingering, keepStdoutForJson } from './run-outcome.ts';
import { isObject, type JsonSchema } from '../sdk/schema-kinds.ts';
import type { Terminal } from './terminal.ts';
import { oneLine, textWidth } from './text-width.ts';
import { padTo } from './table.ts';

const WITH_VALUE = new Set(['-p', '--param', '--params', '-o', '--output', '--profile']);
/** Characters of a default, a type or a list of choices. */
const SHOWN_CHARS_MAX = 60;
/** Depth of nested references. */
const DEPTH_MAX = 8;

/**
 * Adds the parameters of the file's flows to the help of `run`; a file that cannot be loaded is reported there, and
 * does not fail the help.
 */
export async function addFlowHelp(program: Command, words: readonly string[], terminal: Terminal): Promise<void> {
  const word = fileWord(words);
  const command = program.commands.find((each) => each.name() === 'run');
  if (word === null || command === undefined) return;
  // Output of the file while it is loaded is not part of the help.
  keepStdoutForJson();
  let text: string;
  try {
    const { path, exportName } = locateFlowFile(word, terminal.workingDirectory);
    const flows = await readExportedFlows(path).catch((error: unknown) => {
      throw loadFailure(path, error);
    });
    const chosen =
      exportName === null
        ? flows
        : flows.filter(({ exportName: name, flow }) => name === exportName || flow.flowName === exportName);
    text =
      chosen.length === 0
        ? `${word} exports no flow${exportName === null ? '' : ` "${exportName}"`}.`
        : chosen.map((flow) => describeFlow(flow, path, chosen.length)).join('\n\n');
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
    text = `The parameters cannot be told: ${error.message}`;
  }
  command.addHelpText('beforeAll', `${text}\n\n`);
  endLingering(terminal, null);
}

/** The first word after `run` that is neither an option nor an option's value. */
function fileWord(words: readonly string[]): string | null {
  const after = words.slice(words.indexOf('run') + 1);
  for (const [index, word] of after.entries()) {
    if (word === '--') return null;
    if (!word.startsWith('-') && !WITH_VALUE.has(after[index - 1] ?? '')) return word;
  }
  return null;
}

function describeFlow(exported: ExportedFlow, path: string, count: number): string {
  const { flow, exportName } = exported;
  const title = `Flow "${oneLine(flow.flowName)}"${count > 1 ? `, run with ${shellWord(`${basename(path)}:${exportName}`)}` : ''}`;
  const rows = parameterRows(flow);
  if (rows.length === 0)
    return `${title} ${flow.parameterSchema === null && flow.parameterNames === null ? 'has no schema: it takes what its function takes.' : 'takes no parameters.'}`;
  return `${title} takes (-p NAME=VALUE):\n${rows.map((row) => `  ${row}`).join('\n')}`;
}

/** A line for each parameter, in columns: name, type, default. */
export function parameterRows({
  parameterSchema: schema,
  parameterNames: names,
}: ExportedFlow['flow']): readonly string[] {
  const rows =
    schema === null ? (names ?? []).map((name): Row => ({ name: oneLine(name), type: '', rest: '' })) : rowsOf(schema);
  const nameWidth = Math.max(...rows.map(({ name }) => textWidth(name)));
  const typeWidth = Math.max(...rows.map(({ type }) => textWidth(type)));
  return rows.map(({ name, type, rest }) => `${padTo(name, nameWidth)}  ${padTo(type, typeWidth)}  ${rest}`.trimEnd());
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly rest: string;
}

function rowsOf(schema: JsonSchema): readonly Row[] {
  const whole = follow(schema, schema);
  const properties = isObject(whole['properties']) ? whole['properties'] : {};
  const required = Array.isArray(whole['required']) ? (whole['required'] as unknown[]) : [];
  return Object.entries(properties).map(([name, given]) => {
    const part = isObject(given) ? follow(given, schema) : {};
    const description = [part['description'], part['title'], isObject(given) ? given['description'] : undefined].find(
      (text) => typeof text === 'string',
    );
    const need =
      'default' in part
        ? `default ${short(JSON.stringify(part['default']) ?? '')}`
        : required.includes(name)
          ? 'required'
          : 'optional';
    return {
      name: oneLine(name),
      type: typeOf(part, schema, DEPTH_MAX),
      rest: need + (typeof description === 'string' ? `  ${oneLine(description)}` : ''),
    };
  });
}

/** The type for people: `number`, `"a" | "b"`, `text[]`. */
function typeOf(schema: JsonSchema, root: JsonSchema, depth: number): string {
  const { type, enum: choices, const: only, anyOf, oneOf, items, format, $comment } = schema;
  if (depth === 0) return 'object';
  if ($comment === 'JavaScript: bigint') return 'bigint';
  if (Array.isArray(choices)) return short(choices.map((choice) => JSON.stringify(choice)).join(' | '));
  if ('const' in schema) return short(JSON.stringify(only) ?? '');
  const among = anyOf ?? oneOf;
  if (Array.isArray(among))
    return short(
      [...new Set(among.map((each) => (isObject(each) ? typeOf(follow(each, root), root, depth - 1) : 'any')))].join(
        ' | ',
      ),
    );
  if (type === 'array') return `${isObject(items) ? wrap(typeOf(follow(items, root), root, depth - 1)) : 'any'}[]`;
  if (Array.isArray(type)) return type.join(' | ');
  if (typeof type !== 'string') return 'any';
  return oneLine(type + (typeof format === 'string' && type === 'string' ? ` (${format})` : '') + rangeOf(schema));
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  const isSaid = (bound: unknown): bound is number =>
    typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (isSaid(minimum) && isSaid(maximum)) return ` ${minimum}…${maximum}`;
  return isSaid(minimum) ? ` ≥ ${minimum}` : isSaid(maximum) ? ` ≤ ${maximum}` : '';
}

function follow(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let found = schema;
  for (
    let depth = 0;
    depth < DEPTH_MAX && typeof found['$ref'] === 'string' && found['$ref'].startsWith('#');
    depth += 1
  ) {
    const keys = found['$ref']
      .slice(1)
      .split('/')
      .filter(Boolean)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const next = keys.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), root);
    if (!isObject(next)) break;
    const { $ref: _ref, ...beside } = found;
    found = { ...next, ...beside };
  }
  return found;
}

function wrap(type: string): string {
  return type.includes(' ') ? `(${type})` : type;
}

function short(text: string): string {
  const line = oneLine(text);
  return line.length > SHOWN_CHARS_MAX ? `${line.slice(0, SHOWN_CHARS_MAX - 1)}…` : line;
}
