/** Questions about the graph of modules as it runs: imports of types are erased and do not count. */
import type { Source } from './source.ts';

type Graph = ReadonlyMap<string, readonly string[]>;

/** @returns for each file, the files it loads at once when it is loaded */
export function runtimeGraph(sources: readonly Source[]): Graph {
  return new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap(({ kind, isTypeOnly, target }) =>
        kind === 'static' && !isTypeOnly && target !== null ? [target] : [],
      ),
    ]),
  );
}

export function reachableFrom(graph: Graph, start: string): Set<string> {
  const seen = new Set([start]);
  for (const path of seen) for (const next of graph.get(path) ?? []) seen.add(next);
  return seen;
}

/** Circles of files, each as `a → b → a`; one for each file that closes one. */
export function findCycles(graph: Graph): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) cycles.push([...trail.slice(at), path].join(' → '));
    if (at !== -1 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}
