/**
 * Reads TypeScript files into what the house rules speak about: imports, functions, comments. Parsed by oxc, not by
 * patterns.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

import { parseSync, Visitor, type Comment, type Program } from 'oxc-parser';

export interface Import {
  /** As written, for instance `../core/ids.ts`, `node:fs`, `commander`. */
  readonly specifier: string;
  /** Path from the root, with `/`, for a relative specifier; otherwise `null`. */
  readonly target: string | null;
  /** `url`: a module named by `new URL('./x.ts', import.meta.url)`, as workers are. */
  readonly kind: 'static' | 'dynamic' | 'url';
  /** Erased before it runs. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface Source {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  readonly program: Program;
  readonly comments: readonly Comment[];
  readonly lineAt: (offset: number) => number;
}

export function readSources(root: string, patterns: readonly string[]): Source[] {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }))
    .map((path) => path.split(sep).join('/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

export function parseSource(path: string, text: string): Source {
  const { program, module, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lineAt = (offset: number): number => lineStarts.findLastIndex((start) => start <= offset) + 1;
  const imports: Import[] = [];
  const add = (specifier: string, kind: Import['kind'], isTypeOnly: boolean, offset: number): void => {
    const target = specifier.startsWith('.') ? posix.join(dirname(path), specifier) : null;
    imports.push({ specifier, target, kind, isTypeOnly, line: lineAt(offset) });
  };
  for (const { moduleRequest, entries, start } of module.staticImports) {
    add(moduleRequest.value, 'static', entries.length > 0 && entries.every(({ isType }) => isType), start);
  }
  for (const { entries, start } of module.staticExports) {
    const from = entries.filter(({ moduleRequest }) => moduleRequest !== null);
    if (from[0]?.moduleRequest)
      add(
        from[0].moduleRequest.value,
        'static',
        from.every(({ isType }) => isType),
        start,
      );
  }
  visitDeepImports(program, add);
  return {
    path,
    text,
    lineCount: lineStarts.length - (text.endsWith('\n') ? 1 : 0),
    imports,
    program,
    comments,
    lineAt,
  };
}

/** `import('…')`, `typeof import('…')` and `new URL('./….ts', import.meta.url)`, with a literal text in them. */
function visitDeepImports(
  program: Program,
  add: (specifier: string, kind: Import['kind'], isTypeOnly: boolean, offset: number) => void,
): void {
  new Visitor({
    ImportExpression({ source, start }) {
      if (source.type === 'Literal' && typeof source.value === 'string') add(source.value, 'dynamic', false, start);
    },
    TSImportType({ source, start }) {
      add(source.value, 'static', true, start);
    },
    NewExpression({ callee, arguments: [first], start }) {
      if (callee.type !== 'Identifier' || callee.name !== 'URL' || first?.type !== 'Literal') return;
      if (typeof first.value === 'string' && /^\.{1,2}\/.*\.[jt]s$/.test(first.value))
        add(first.value, 'url', false, start);
    },
  }).visit(program);
}

/** Whether a path is a test, or support that only tests import: those may reach into every room. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /\/(fixtures|testing)\//.test(path);
}

export function fromRoot(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}
