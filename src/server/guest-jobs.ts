/** What the guest process does: inputs that say how they come about, and schemas that people wrote. */

import { BULKY_BODY, JsonExcess, parseBounded, PLAIN_BODY } from '../contract/json-bounds.ts';
import { parseExact } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import { hydrate } from '../core/hydration.ts';
import type { RunInputJob, SettledInput } from '../orchestrator/ports.ts';
import { checkJson } from '../platform/json-schema.ts';
import { renderJinja } from '../platform/jinja.ts';

/** Of what comes of all templates and texts of one input, as JSON. */
const INPUT_CHARACTERS_MAX = PLAIN_BODY.bytesMax;

/** In this thread: for the guest process and for tests. */
export function settleRunInput({ input, variables, schema }: RunInputJob): SettledInput {
  let text: string;
  try {
    text = hydrated(input, new Map(Object.entries(variables)));
  } catch (error) {
    return { ok: false, reason: `Error hydrating run input: ${reasonOf(error)}` };
  }
  if (schema === null) return { ok: false, reason: 'Run input schema not found.' };
  const problem = misfit(schema, text);
  return problem === null ? { ok: true, text } : { ok: false, reason: problem };
}

function hydrated(input: string, variables: ReadonlyMap<string, unknown>): string {
  let left = INPUT_CHARACTERS_MAX;
  const settled = hydrate(exactly(input), {
    parseJson: exactly,
    variable: (name) => variables.get(name),
    renderTemplate(template) {
      const text = renderJinja(template);
      left -= text.length;
      if (left < 0) throw new Error(`what comes of it is longer than ${INPUT_CHARACTERS_MAX} characters`);
      return text;
    },
  });
  const text = JSON.stringify(settled);
  if (text.length > INPUT_CHARACTERS_MAX) throw new OstinatoError('bad-input', `The input has ${text.length} characters; at most ${INPUT_CHARACTERS_MAX} are kept.`);
  // Texts within texts may nest deeper than what was sent.
  parseBounded(text, BULKY_BODY.valuesMax);
  return text;
}

function exactly(text: string): unknown {
  parseBounded(text, BULKY_BODY.valuesMax);
  return parseExact(text);
}

function misfit(schemaText: string, inputText: string): string | null {
  let schema: unknown;
  try {
    schema = parseBounded(schemaText, PLAIN_BODY.valuesMax);
  } catch (error) {
    return error instanceof JsonExcess ? `Run input schema is ${error.message}.` : 'Run input schema is not valid JSON.';
  }
  try {
    const problem = checkJson(schema, JSON.parse(inputText));
    if (problem === null) return null;
    const where = problem.at === '' ? '' : ` for field '${problem.at}'`;
    return `Reason: Validation failed${where}. Failure reason: ${problem.reason}`;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it goes deeper, or becomes larger, than can be.';
  return error instanceof Error ? error.message : String(error);
}
