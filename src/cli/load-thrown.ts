/** An error that was thrown while a file was loaded, and the explanation made from it. */
import { thrownText } from '../core/show-value.ts';

export interface Thrown {
  readonly code: string | undefined;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** What is wrong, and what to do. */
export type LoadExplanation = readonly [what: string, remedy: string];

export function describeThrown(error: unknown): Thrown {
  if (!(error instanceof Error)) return { code: undefined, name: 'Error', message: thrownText(error), stack: '' };
  const { code, name, message, stack = '' } = error as NodeJS.ErrnoException;
  return { code, name, message, stack };
}

/** `… imported from /path/of/file.ts` */
export function importerOf(message: string, path: string): string {
  return / imported from ([^\n]+?)(?:\n|$)/.exec(message)?.[1] ?? path;
}
