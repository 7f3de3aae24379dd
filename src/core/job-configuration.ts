/** What a job is started with: the job template of a pool, with what its deployment and its run say. */

import { isRecord, recordOf, type JsonRecord } from './blocks/json.ts';

/** What the job of a run is started with. */
export interface RunJob {
  /** Defaults of the pool's template, then what the deployment says, then what the run says. */
  readonly variables: JsonRecord;
  /** The template's configuration, filled with them. */
  readonly configuration: JsonRecord;
}

/** @param layers what the deployment and the run say, the later one wins */
export function runJob(template: JsonRecord, layers: readonly JsonRecord[]): RunJob {
  const variables = jobVariables(template, layers);
  return { variables, configuration: fillJobConfiguration(template, variables) };
}

const PLACEHOLDER = /\{\{\s*([\w-]+)\s*\}\}/g;

/** Defaults of the template, then each layer over those before it. `env` and `labels` are joined, others replaced. */
export function jobVariables(template: JsonRecord, layers: readonly JsonRecord[]): JsonRecord {
  const values: Record<string, unknown> = {};
  const properties = recordOf(recordOf(template['variables'])['properties']);
  for (const [name, property] of Object.entries(properties))
    if (isRecord(property) && Object.hasOwn(property, 'default')) values[name] = property['default'];
  for (const layer of layers)
    for (const [name, value] of Object.entries(layer)) {
      const before = values[name];
      const isJoined = (name === 'env' || name === 'labels') && isRecord(before) && isRecord(value);
      values[name] = isJoined ? { ...before, ...value } : value;
    }
  return values;
}

/**
 * The configuration of the template with the values in the place of `{{ name }}`. A member that is nothing but the name
 * of a variable that has no value is left out; within a longer text it is an empty one. Templates of others
 * (`{{ prefect.variables.x }}`) stay as they are.
 */
export function fillJobConfiguration(template: JsonRecord, values: JsonRecord): JsonRecord {
  const filled = fill(template['job_configuration'], values);
  return isRecord(filled) ? filled : values;
}

function fill(part: unknown, values: JsonRecord): unknown {
  if (typeof part === 'string') return fillText(part, values);
  if (Array.isArray(part)) return part.map((each) => fill(each, values)).filter((each) => each !== undefined);
  if (!isRecord(part)) return part;
  return Object.fromEntries(
    Object.entries(part).flatMap(([name, each]) => {
      const value = fill(each, values);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function fillText(text: string, values: JsonRecord): unknown {
  const [whole, name] = /^\s*\{\{\s*([\w-]+)\s*\}\}\s*$/.exec(text) ?? [];
  if (whole !== undefined && name !== undefined) return Object.hasOwn(values, name) ? values[name] : undefined;
  return text.replaceAll(PLACEHOLDER, (_, each: string) => {
    const value = Object.hasOwn(values, each) ? values[each] : '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}
