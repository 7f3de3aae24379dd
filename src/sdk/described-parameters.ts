import type { Flow } from './flow.ts';

/** What the flow takes, as JSON Schema; of one without a schema, its names at least. */
export function schemaOf({
  parameterSchema,
  parameterNames,
}: Pick<Flow<unknown, unknown>, 'parameterSchema' | 'parameterNames'>): Record<string, unknown> {
  if (parameterSchema !== null) return { ...parameterSchema };
  const names = parameterNames ?? [];
  return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) };
}
