/** What the jobs of a work pool can be given, in words. */

import type { WorkPool } from '../contract/work-pool.ts';
import { typeOfObject } from './typed-deployments/type-of-schema.ts';

type Pool = Pick<WorkPool, 'base_job_template'>;

/** As a TypeScript type; `none` where the pool does not say. */
export function jobVariablesType({ base_job_template: { variables } }: Pool): string {
  const schema = (variables ?? {}) as Readonly<Record<string, unknown>>;
  return schema['properties'] === undefined ? 'none' : typeOfObject(schema, schema).replaceAll('readonly ', '');
}

const COMMON = 'env={"LANG": "C"}';

/** One that could be given: NAME=VALUE. @param pool `null`: none is known, and almost all take an environment */
export function jobVariableExample(pool: Pool | null): string {
  const { variables } = (pool?.base_job_template ?? {}) as { readonly variables?: { readonly properties?: object } };
  const names = Object.keys(variables?.properties ?? {});
  return names.length === 0 || names.includes('env') ? COMMON : `${names[0] ?? ''}=VALUE`;
}
