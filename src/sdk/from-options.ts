/** The way into `flow.from(…)`, without what it takes: that is loaded with the first call. */

import type { AnyFlow } from './flow-file.ts';

export interface FromOptions {
  /** Where the flow is in the source: `FILE:EXPORT`. */
  readonly entrypoint: string;
  /** Of a repository. Default: its own. */
  readonly branch?: string;
  /** Of a repository: this state of it and no other. */
  readonly commit?: string;
  /** Of a repository: whether what it consists of further is cloned, too. Default: `false`. */
  readonly submodules?: boolean;
}

export const FROM_KEYS = [
  'entrypoint',
  'branch',
  'commit',
  'submodules',
] as const satisfies readonly (keyof FromOptions)[];

export async function beginFrom(source: string, options: FromOptions): Promise<AnyFlow> {
  const { flowFrom } = await import('./flow-from.ts');
  return await flowFrom(source, options);
}
