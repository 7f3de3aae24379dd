/** Jinja templates that users write into inputs, without `eval`, and bounded as Prefect's server bounds them. */

import { createRequire } from 'node:module';

type Jinja = typeof import('@huggingface/jinja');

/** Prefect's bounds: a template is somebody else's program, and runs in the server. */
const LOOPS_MAX = 10;
const LOOP_DEPTH_MAX = 2;
const RANGE_MAX = 100;

/** @throws Error with the reason when the template is wrong, or would do too much */
export function renderJinja(template: string): string {
  // Loaded with the first template: most servers never see one.
  const { Environment, Interpreter, parse, tokenize } = createRequire(import.meta.url)('@huggingface/jinja') as Jinja;
  const program = parse(tokenize(template));
  const loops = loopsOf(program);
  if (loops.count > LOOPS_MAX) throw new Error(`Contains ${loops.count} for loops. Templates can contain no more than ${LOOPS_MAX} for loops.`);
  if (loops.depth > LOOP_DEPTH_MAX) {
    throw new Error(`Contains nested for loops at a depth of ${loops.depth}. Templates can nest for loops no more than ${LOOP_DEPTH_MAX} loops deep.`);
  }
  const environment = new Environment();
  for (const [name, value] of [['true', true], ['false', false], ['none', null]] as const) {
    environment.set(name, value);
    environment.set(name[0]?.toUpperCase() + name.slice(1), value);
  }
  environment.set('range', boundedRange);
  const rendered = new Interpreter(environment).run(program) as unknown as { readonly value: string };
  return rendered.value;
}

/** Its further arguments are none of the caller's. */
function boundedRange(...given: readonly unknown[]): number[] {
  const [first = 0, second, third] = given.filter((argument) => typeof argument === 'number');
  const [start, stop, step] = second === undefined ? [0, first, 1] : [first, second, third ?? 1];
  const count = step === 0 ? Number.NaN : Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= RANGE_MAX)) throw new Error(`Range too big. The template blocks ranges larger than MAX_RANGE (${RANGE_MAX}).`);
  return Array.from({ length: count }, (_, index) => start + index * step);
}

function loopsOf(node: unknown): { readonly count: number; readonly depth: number } {
  if (typeof node !== 'object' || node === null) return { count: 0, depth: 0 };
  const inside = (node instanceof Map ? [...node].flat() : Object.values(node)).map(loopsOf);
  const isLoop = (node as { readonly type?: unknown }).type === 'For' ? 1 : 0;
  return { count: isLoop + inside.reduce((sum, { count }) => sum + count, 0), depth: isLoop + Math.max(0, ...inside.map(({ depth }) => depth)) };
}
