/** What a deployment sets stands in the form before anybody types. Pure. */
import { WrittenNumber } from '../../api/lossless-json.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The schema of a flow's parameters, each with the value that the deployment sets in place of the flow's own.
 *
 * @param schema JSON schema of an object; whatever else it is stays as it is
 */
export function withPresets(schema: unknown, parameters: Json): unknown {
  if (!isObject(schema) || !isObject(schema['properties'])) return schema;
  const properties = Object.entries(schema['properties']).map(([name, property]) => [
    name,
    isObject(property) && Object.hasOwn(parameters, name) ? { ...property, default: parameters[name] } : property,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as Json };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);
}
