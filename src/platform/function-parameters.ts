/**
 * The parameters of a function, parsed from its source.
 *
 * It is loaded with the first list that needs it: a list of bare names, as most are, is read without.
 */

import { createRequire } from 'node:module';

export interface FunctionParameters {
  /** `null` for a destructured one. */
  readonly names: readonly (string | null)[];
  /** Whether the last one takes all further arguments. */
  readonly hasRest: boolean;
}

const NOT_READABLE: FunctionParameters = { names: [], hasRest: false };

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;
/** Matches if there are only names and commas up to the body: no comment, default or pattern can be hidden there. */
const BARE_LIST = new RegExp(
  String.raw`^(?:(?:async\b\s*)?(?:function\b\s*)?\*?\s*(?:${NAME}\s*)?)\(\s*((?:${NAME}(?:\s*,\s*${NAME})*\s*,?)?)\s*\)\s*(?:=>|\{)`,
  'u',
);
const BARE_NAME = new RegExp(String.raw`^(?:async\s+)?(${NAME})\s*=>`, 'u');

/** Never throws: a function without readable source (native, bound) has no names. */
export function functionParameters(fn: (...args: never[]) => unknown): FunctionParameters {
  const source = Function.prototype.toString.call(fn);
  const single = BARE_NAME.exec(source)?.[1];
  if (single !== undefined) return { names: [single], hasRest: false };
  const list = BARE_LIST.exec(source)?.[1];
  if (list !== undefined)
    return {
      names: list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      hasRest: false,
    };
  const params = parse(source);
  return params === null ? NOT_READABLE : parametersOf(params);
}

/**
 * The names that a function destructures from its first parameter: `({ year, month = 1 }) => …` takes `year` and
 * `month`. `null` where any name may be used: the object is used as a whole, or has a rest element.
 */
export function firstParameterKeys(fn: (...args: never[]) => unknown): readonly string[] | null {
  const source = Function.prototype.toString.call(fn);
  if (BARE_NAME.test(source) || /\barguments\b|\[native code\]\s*\}$/.test(source)) return null;
  const params = parse(source);
  const [first] = params ?? [];
  if (first === undefined) return params && [];
  const { type, properties = [] } = first.type === 'AssignmentPattern' && first.left ? first.left : first;
  const keys = properties.map(({ key, computed }) => (computed === false ? (key?.name ?? key?.value) : undefined));
  return type === 'ObjectPattern' && keys.every((key) => typeof key === 'string') ? keys : null;
}

interface Pattern {
  readonly type: string;
  readonly name?: string;
  readonly left?: Pattern;
  readonly argument?: Pattern;
  readonly properties?: readonly {
    readonly computed?: boolean;
    readonly key?: { readonly name?: string; readonly value?: unknown };
  }[];
}

/** Undeclared members of the parser: how it comes to a function's body. */
interface ParserInside {
  parseFunctionBody(node: { readonly start: number; readonly params: readonly Pattern[] }, ...more: unknown[]): unknown;
}

class HeadRead {
  readonly params: readonly Pattern[];
  constructor(params: readonly Pattern[]) {
    this.params = params;
  }
}

/** Stops before the body: it may be long, and newer than the parser. */
function headParser(): typeof import('acorn').Parser {
  const { Parser } = createRequire(import.meta.url)('acorn') as typeof import('acorn');
  return Parser.extend((Base) => {
    const Inside = Base as unknown as new (...args: unknown[]) => ParserInside;
    return class extends Inside {
      override parseFunctionBody(node: Parameters<ParserInside['parseFunctionBody']>[0], ...more: unknown[]): unknown {
        if (node.start === 0) throw new HeadRead(node.params);
        return super.parseFunctionBody(node, ...more);
      }
    } as unknown as typeof Base;
  });
}

let parser: typeof import('acorn').Parser | undefined;

function parse(source: string): readonly Pattern[] | null {
  for (const sourceType of ['module', 'script'] as const) {
    const options = {
      ecmaVersion: 'latest',
      sourceType,
      checkPrivateFields: false,
      allowSuperOutsideMethod: true,
      allowAwaitOutsideFunction: true,
      allowHashBang: false,
    } as const;
    try {
      parser ??= headParser();
      parser.parseExpressionAt(source, 0, options);
    } catch (read) {
      if (read instanceof HeadRead) return read.params;
    }
    // A method is not an expression by itself, nor is one with a private name outside a class.
    for (const around of [`({${source}})`, `(class{${source}})`, `(class{static ${source}})`]) {
      const params = methodParameters(around, options);
      if (params) return params;
    }
  }
  return null;
}

interface MethodTree {
  readonly properties?: readonly { readonly value: { readonly params?: readonly Pattern[] } }[];
  readonly body?: { readonly body: readonly { readonly value: { readonly params?: readonly Pattern[] } }[] };
}

function methodParameters(text: string, options: import('acorn').Options): readonly Pattern[] | undefined {
  try {
    const tree = parser?.parseExpressionAt(text, 0, options) as unknown as MethodTree | undefined;
    return (tree?.properties ?? tree?.body?.body)?.[0]?.value.params;
  } catch {
    return undefined;
  }
}

function parametersOf(params: readonly Pattern[]): FunctionParameters {
  return { names: params.map(nameOf), hasRest: params.at(-1)?.type === 'RestElement' };
}

function nameOf(pattern: Pattern): string | null {
  if (pattern.type === 'Identifier') return pattern.name ?? null;
  const inner =
    pattern.type === 'AssignmentPattern' ? pattern.left : pattern.type === 'RestElement' ? pattern.argument : undefined;
  return inner ? nameOf(inner) : null;
}
