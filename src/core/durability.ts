/**
 * The promise about a finished step.
 *
 * - `process` (default): it survives `kill -9` from the moment its caller continues; a power loss may take at most the
 *   last few milliseconds.
 * - `sync`: it was flushed to disk before its caller continued.
 * - `none`: recorded lazily; a killed process may have to do it again.
 */
export const DURABILITIES = ['process', 'sync', 'none'] as const;
export type Durability = (typeof DURABILITIES)[number];
