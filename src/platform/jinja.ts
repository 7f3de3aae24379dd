/** Jinja templates that users write into inputs, without `eval`, and bounded as Prefect's server bounds them. */

import { createRequire } from 'node:module';

import { callFilters, giveAttributes, linkFilters, type PagesOf } from './jinja-context.ts';
import { parseWritten, settleNumbers, type NumberClasses } from './jinja-numbers.ts';

type Jinja = typeof import('@huggingface/jinja');
type RuntimeValue = ReturnType<InstanceType<Jinja['Environment']>['set']>;

/** Prefect's limits: a template is untrusted code that runs on the server. */
const LOOPS_MAX = 10;
const LOOP_DEPTH_MAX = 2;
const RANGE_MAX = 100;

/** Loaded with the first template: most servers never see one. */
const library = (): Jinja => createRequire(import.meta.url)('@huggingface/jinja') as Jinja;

/** The classes of the values that the library makes of numbers: it gives no others a meaning. */
function numberClasses(): NumberClasses {
  const { Environment } = library();
  const classOf = (value: number): unknown => new Environment().set('number', value).constructor;
  return { integer: classOf(1), float: classOf(0.5) } as NumberClasses;
}

/** What a template of an automation may name. */
export interface JinjaContext {
  /** A JSON object of values by name. Numbers are written as they stand there. */
  readonly values: string;
  readonly pages: PagesOf;
}

/** @throws Error with the reason when the template is invalid, or exceeds a limit */
export function renderJinja(template: string, context: JinjaContext | null = null): string {
  const { Environment, Interpreter } = library();
  const program = parsed(template);
  const excess = excessOf(program);
  if (excess !== null) throw new Error(excess);
  const environment = new Environment();
  if (context !== null) {
    const values = parseWritten(context.values) as Readonly<Record<string, unknown>>;
    const filters = linkFilters(values, context.pages);
    callFilters(program, new Set(Object.keys(filters)));
    for (const [name, filter] of Object.entries(filters)) environment.set(name, filter);
    const numbers = numberClasses();
    for (const [name, value] of Object.entries(values)) {
      const settled = settleNumbers(environment.set(name, value), numbers);
      environment.variables.set(name, settled as RuntimeValue);
      giveAttributes(settled);
    }
  }
  for (const [name, value] of [
    ['true', true],
    ['false', false],
    ['none', null],
  ] as const) {
    environment.set(name, value);
    environment.set(name[0]?.toUpperCase() + name.slice(1), value);
  }
  environment.set('range', boundedRange);
  const rendered = new Interpreter(environment).run(program as ReturnType<Jinja['parse']>) as unknown as {
    readonly value: string;
  };
  return rendered.value;
}

/** The problem of a template; `null`: none that shows before rendering. Line 0: the template as a whole. */
export function checkJinja(template: string): { readonly line: number; readonly message: string } | null {
  const message = parseProblem(template);
  if (message !== null) return { line: lineOf(message, template.split('\n')), message };
  const excess = excessOf(parsed(template));
  return excess === null ? null : { line: 0, message: excess };
}

function parsed(template: string): unknown {
  const { parse, tokenize } = library();
  try {
    return parse(tokenize(template));
  } catch (error) {
    // The parser reads past the end.
    throw error instanceof TypeError ? new Error('Unexpected end of template: something in it is not closed.') : error;
  }
}

function parseProblem(template: string): string | null {
  try {
    parsed(template);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The parser reports no places. It reads from the front, so the first line up to which the template fails has the
 * problem.
 */
function lineOf(message: string, lines: readonly string[]): number {
  let [before, at] = [0, lines.length];
  while (at - before > 1) {
    const middle = (before + at) >> 1;
    if (parseProblem(lines.slice(0, middle).join('\n')) === message) at = middle;
    else before = middle;
  }
  return /end of (?:input|template)/i.test(message) ? lines.length : at;
}

function excessOf(program: unknown): string | null {
  const { count, depth } = loopsOf(program);
  if (count > LOOPS_MAX)
    return `Contains ${count} for loops. Templates can contain no more than ${LOOPS_MAX} for loops.`;
  return depth > LOOP_DEPTH_MAX
    ? `Contains nested for loops at a depth of ${depth}. Templates can nest for loops no more than ${LOOP_DEPTH_MAX} loops deep.`
    : null;
}

/** Further arguments are passed by the library, not by the template. */
function boundedRange(...given: readonly unknown[]): number[] {
  const [first = 0, second, third] = given.filter((argument) => typeof argument === 'number');
  const [start, stop, step] = second === undefined ? [0, first, 1] : [first, second, third ?? 1];
  const count = step === 0 ? Number.NaN : Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= RANGE_MAX))
    throw new Error(`Range too big. The template blocks ranges larger than MAX_RANGE (${RANGE_MAX}).`);
  return Array.from({ length: count }, (_, index) => start + index * step);
}

function loopsOf(node: unknown): { readonly count: number; readonly depth: number } {
  if (typeof node !== 'object' || node === null) return { count: 0, depth: 0 };
  const inside = (node instanceof Map ? [...node].flat() : Object.values(node)).map(loopsOf);
  const isLoop = (node as { readonly type?: unknown }).type === 'For' ? 1 : 0;
  return {
    count: isLoop + inside.reduce((sum, { count }) => sum + count, 0),
    depth: isLoop + Math.max(0, ...inside.map(({ depth }) => depth)),
  };
}
