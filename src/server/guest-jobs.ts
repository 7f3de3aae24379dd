/** The jobs of the guest process: hydrating inputs, and checking schemas that people wrote. */

import { BULKY_BODY, JsonExcess, parseBounded, PLAIN_BODY } from '../contract/json-bounds.ts';
import { jsonFault } from '../contract/json-in-steps.ts';
import { parseExact } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import { hydrate, StandIn } from '../core/hydration.ts';
import type {
  CheckedForm,
  FormJob,
  JobVariablesJob,
  ParametersJob,
  RenderedTemplates,
  RunInputJob,
  SettledInput,
  SettledParameters,
  TemplateContext,
  TemplateProblem,
} from '../orchestrator/ports.ts';
import { problemsOfJson } from '../platform/json-problems.ts';
import { checkJson, preprocessed, schemaProblem, withoutRequired, type Schema } from '../platform/json-schema.ts';
import { checkJinja, renderJinja } from '../platform/jinja.ts';

/** Characters of all rendered templates and texts of one input, as JSON. */
const INPUT_CHARACTERS_MAX = PLAIN_BODY.bytesMax;

/** Runs in this thread: for the guest process and for tests. */
export function settleRunInput({ input, variables, schema }: RunInputJob): SettledInput {
  let text: string;
  try {
    text = hydrated(input, variables);
  } catch (error) {
    return { ok: false, reason: `Error hydrating run input: ${reasonOf(error)}` };
  }
  if (schema === null) return { ok: false, reason: 'Run input schema not found.' };
  return misfit(schema, text) ?? { ok: true, text };
}

/** In this thread: for the guest process and for tests. */
export function settleParameters({
  values,
  variables,
  schema,
  isPartial,
  isLiteral = false,
  context,
}: ParametersJob): SettledParameters {
  let text: string;
  try {
    text = values.includes('__prefect_kind') ? hydrated(values, variables, context) : values;
  } catch (error) {
    return { ok: false, reason: reasonOf(error), isSchemaWrong: false };
  }
  if (schema === null) return { ok: true, text };
  try {
    const parsed = parseBounded(schema, PLAIN_BODY.valuesMax);
    const wrong = isLiteral ? schemaProblem(parsed) : null;
    if (wrong !== null) {
      const reason = `The provided schema is not a valid json schema. Schema error: ${wrong}`;
      return { ok: false, reason, isSchemaWrong: true };
    }
    const problem = checkJson(parsed, JSON.parse(text), (given) => {
      const prepared = isLiteral ? (given as boolean | Schema) : preprocessed(given);
      // What is required decides what may be null, so it is left out after that.
      return isPartial ? withoutRequired(prepared) : prepared;
    });
    if (problem === null) return { ok: true, text };
    return {
      ok: false,
      reason: `Validation failed${placeOf(problem)} Failure reason: ${problem.reason}`,
      isSchemaWrong: false,
    };
  } catch (error) {
    return { ok: false, reason: reasonOf(error), isSchemaWrong: true };
  }
}

/** What the variables of a job that are given say with the template's defaults below them. */
export function checkJobVariables(job: JobVariablesJob): string | null {
  try {
    const schema = parseBounded(job.schema, PLAIN_BODY.valuesMax);
    const wrong = schemaProblem(schema);
    if (wrong !== null) return `Invalid schema: ${wrong}`;
    const all = JSON.parse(job.defaults) as Record<string, unknown>;
    const misfits = job.areDefaultsChecked
      ? []
      : Object.entries(all).filter(
          ([name, value]) => checkJson(schema, { [name]: value }, (given) => withoutRequired(given as Schema)) !== null,
        );
    for (const [name] of misfits) delete all[name];
    const isRequired = job.isComplete && misfits.length === 0;
    const problem = checkJson(schema, { ...all, ...(JSON.parse(job.values) as object) }, (given) => {
      const prepared = preprocessed(given, true);
      return isRequired ? prepared : withoutRequired(prepared);
    });
    return problem && `Validation failed${placeOf(problem)} Failure reason: ${problem.reason}`;
  } catch (error) {
    return reasonOf(error);
  }
}

function placeOf({ at }: { readonly at: string }): string {
  return at === '' ? '.' : ` for field '${at}'.`;
}

export type GuestJob =
  | { readonly kind: 'run-input'; readonly job: RunInputJob }
  | { readonly kind: 'parameters'; readonly job: ParametersJob }
  | { readonly kind: 'job-variables'; readonly job: JobVariablesJob }
  | { readonly kind: 'form'; readonly job: FormJob }
  | { readonly kind: 'template'; readonly template: string }
  | { readonly kind: 'render'; readonly templates: readonly string[]; readonly context: TemplateContext };
export type GuestAnswer =
  | SettledInput
  | SettledParameters
  | CheckedForm
  | TemplateProblem
  | RenderedTemplates
  | string
  | null;

export function doGuestJob(job: GuestJob): GuestAnswer {
  switch (job.kind) {
    case 'run-input':
      return settleRunInput(job.job);
    case 'parameters':
      return settleParameters(job.job);
    case 'job-variables':
      return checkJobVariables(job.job);
    case 'form':
      return checkForm(job.job);
    case 'template':
      return checkTemplate(job.template);
    case 'render':
      return renderTemplates(job.templates, job.context);
  }
}

/** In this thread: for the guest process and for tests. */
export function renderTemplates(templates: readonly string[], context: TemplateContext): RenderedTemplates {
  const texts: string[] = [];
  let left = INPUT_CHARACTERS_MAX;
  for (const template of templates) {
    try {
      const text = /\{[{%]/.test(template) ? renderJinja(template, context) : template;
      left -= text.length;
      if (left < 0) throw new Error(`what comes of it is longer than ${INPUT_CHARACTERS_MAX} characters`);
      texts.push(text);
    } catch (error) {
      return { ok: false, reason: reasonOf(error), template };
    }
  }
  return { ok: true, texts };
}

/** Templates in the values are not rendered: their values are known when the run starts. */
export function checkForm({ schema, values, variables }: FormJob): CheckedForm {
  try {
    const settled = hydrate(JSON.parse(values), {
      parseJson: plainly,
      variable: variableOf(variables, plainly),
      renderTemplate(template) {
        const problem = checkTemplate(template);
        if (problem !== null) throw new Error(problem.message);
        return new StandIn(null);
      },
      standIn: (problem) => new StandIn(problem),
    });
    return { ok: true, problems: problemsOfJson(JSON.parse(schema), settled) };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

export function checkTemplate(template: string): TemplateProblem | null {
  try {
    return checkJinja(template);
  } catch (error) {
    return { line: 0, message: reasonOf(error) };
  }
}

function hydrated(
  input: string,
  variables: Readonly<Record<string, string>>,
  context: TemplateContext | null = null,
): string {
  let left = INPUT_CHARACTERS_MAX;
  const settled = hydrate(exactly(input), {
    parseJson: exactly,
    variable: variableOf(variables, exactly),
    renderTemplate(template) {
      const text = renderJinja(template, context);
      left -= text.length;
      if (left < 0) throw new Error(`what comes of it is longer than ${INPUT_CHARACTERS_MAX} characters`);
      return text;
    },
  });
  const text = JSON.stringify(settled);
  if (text.length > INPUT_CHARACTERS_MAX)
    throw new OstinatoError(
      'bad-input',
      `The input has ${text.length} characters; at most ${INPUT_CHARACTERS_MAX} are kept.`,
    );
  // Texts within texts may nest deeper than what was sent.
  parseBounded(text, BULKY_BODY.valuesMax);
  return text;
}

function variableOf(
  texts: Readonly<Record<string, string>>,
  parse: (text: string) => unknown,
): (name: string) => unknown {
  return (name) => (Object.hasOwn(texts, name) ? parse(texts[name] as string) : undefined);
}

function plainly(text: string): unknown {
  return parsed(text, () => parseBounded(text, BULKY_BODY.valuesMax));
}

function exactly(text: string): unknown {
  plainly(text);
  return parseExact(text);
}

/** What is no JSON is told as Python's parser tells it, which users of Prefect know. */
function parsed(text: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { expected, position } = jsonFault(text);
    const before = text.slice(0, position).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new SyntaxError(`${expected}: line ${before.length} column ${column} (char ${position})`, { cause: error });
  }
}

function misfit(schemaText: string, inputText: string): Extract<SettledInput, { readonly ok: false }> | null {
  let schema: unknown;
  try {
    schema = parseBounded(schemaText, PLAIN_BODY.valuesMax);
  } catch (error) {
    return {
      ok: false,
      reason:
        error instanceof JsonExcess ? `Run input schema is ${error.message}.` : 'Run input schema is not valid JSON.',
    };
  }
  try {
    const problem = checkJson(schema, JSON.parse(inputText));
    if (problem === null) return null;
    const where = problem.at === '' ? '' : ` for field '${problem.at}'`;
    return {
      ok: false,
      reason: `Reason: Validation failed${where}. Failure reason: ${problem.reason}`,
      problems: problem.problems,
    };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it goes deeper, or becomes larger, than can be.';
  return error instanceof Error ? error.message : String(error);
}
