/**
 * State that all copies of the package in one process have in common.
 *
 * A test runner may load one copy for the tests and another for what they test: a world that the one opens must be
 * around the flows of the other.
 */
export function sharedState<T extends object>(name: string, make: () => T): T {
  const home = globalThis as { [key: symbol]: T | undefined };
  return (home[Symbol.for(`ostinato.${name}`)] ??= make());
}
