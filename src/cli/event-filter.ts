/** The API's event filter, from a command's options. */
import { InvalidArgumentError, type Command } from 'commander';

import { isUuid } from '../core/ids.ts';
import { addSeconds, formatInstant, parseInstant, type Instant } from '../core/time.ts';
import { collect } from './arguments.ts';

export interface EventOptions {
  readonly name?: readonly string[];
  readonly resource?: readonly string[];
  readonly since?: Since;
}

/** A point in time, or a duration before now. */
export type Since = { readonly at: Instant } | { readonly secondsAgo: number };

/** The query's parameters in the API's format. */
export interface EventQueryIn {
  readonly event?: { readonly prefix: readonly string[] };
  readonly any_resource?: Readonly<Record<string, readonly string[]>>;
  readonly occurred: { readonly since?: string; readonly until?: string };
  readonly order?: 'ASC' | 'DESC';
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const RESOURCES = ['flow-run', 'task-run', 'flow', 'artifact', 'variable', 'block-document'];

export function addEventOptions(command: Command): Command {
  return command
    .option(
      '--name <prefix>',
      'only events whose name begins so, for instance prefect.flow-run.; repeat it for several',
      collect,
    )
    .option(
      '--resource <id>',
      'only what concerns this resource: its id, the beginning of it, or the id of a run; repeat it for several',
      collect,
    )
    .option('--since <time>', 'only from then on: 15m, 2h, 3d, or a time such as 2026-11-22T09:00:00Z', parseSince);
}

export function parseSince(text: string): Since {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return { secondsAgo: Number(count) * (UNIT_SECONDS[unit] ?? 1) };
  const at = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at !== null) return { at };
  throw new InvalidArgumentError(
    'It must be so long ago, as 30s, 15m, 2h, 3d or 1w, or a time such as 2026-11-22T09:00:00Z.',
  );
}

export function queryOf({ name, resource, since }: EventOptions, now: Instant, order: 'ASC' | 'DESC'): EventQueryIn {
  const from = since === undefined ? null : 'at' in since ? since.at : addSeconds(now, -since.secondsAgo);
  return {
    ...(name === undefined ? {} : { event: { prefix: name } }),
    ...(resource === undefined ? {} : { any_resource: { id_prefix: resource.flatMap(resourcesOf) } }),
    occurred: from === null ? {} : { since: formatInstant(from) },
    order,
  };
}

/** People write the ids of runs without the prefix of the resource. */
function resourcesOf(word: string): readonly string[] {
  return isUuid(word) ? RESOURCES.map((noun) => `prefect.${noun}.${word.toLowerCase()}`) : [word];
}
