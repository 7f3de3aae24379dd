/** What the job variables of a run say of its container, checked, as the engine takes it. */

import { MEMORY_PATTERN, PULL_POLICIES, type PullPolicy } from '../../contract/job-templates.ts';
import { isRecord, type JsonRecord } from '../../core/blocks/json.ts';
import { commandWords } from '../../core/pull-steps/script-words.ts';
import { furtherSettings } from './further-settings.ts';
import { wrong } from './wrong-variable.ts';

export interface ContainerSettings {
  readonly image: string;
  readonly pullPolicy: PullPolicy;
  readonly name: string | null;
  /** `null`: the worker knows how to run the flow. */
  readonly command: readonly string[] | null;
  readonly workingDirectory: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  /** `null`: nothing is said. */
  readonly networkMode: string | null;
  readonly isRemoved: boolean;
  readonly isStreamed: boolean;
  /** Members of the engine's `HostConfig`, and of the container itself. */
  readonly host: JsonRecord;
  readonly container: JsonRecord;
}

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const NANO = 1e9;
/** As engines have it. */
const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const VOLUME = /^[^:]+:[^:]+(?::[\w,]+)?$/;

/** @throws `bad-input`: which variable is wrong, and how it is written */
export function readContainerSettings(variables: JsonRecord): ContainerSettings {
  const image = textIn(variables, 'image');
  if (image === null)
    throw wrong('image', 'it is missing', 'Name an image that has the flow and its program: image: registry/name:tag');
  const networks = textsIn(variables, 'networks');
  const networkMode = textIn(variables, 'network_mode');
  if (networks.length > 0 && networkMode !== null)
    throw wrong('network_mode', 'networks are named, too', 'Leave one of the two away.');
  const name = textIn(variables, 'name');
  if (name !== null && !CONTAINER_NAME.test(name))
    throw wrong(
      'name',
      `${JSON.stringify(name)} is no name of a container`,
      'Write letters, digits, "_", "." and "-".',
    );
  const further = furtherSettings(variables['container_create_kwargs'] ?? {});
  return {
    image,
    pullPolicy: policyIn(variables, image),
    name,
    command: commandIn(variables),
    workingDirectory: textIn(variables, 'working_dir'),
    env: entriesIn(variables, 'env'),
    labels: entriesIn(variables, 'labels'),
    networks,
    networkMode,
    isRemoved: flagIn(variables, 'auto_remove', true),
    isStreamed: flagIn(variables, 'stream_output', true),
    container: further.container,
    host: {
      ...further.host,
      ...memberOf('Binds', volumesIn(variables)),
      ...memberOf('Memory', memoryIn(variables, 'mem_limit')),
      ...memberOf('MemorySwap', memoryIn(variables, 'memswap_limit')),
      ...memberOf('NanoCpus', cpusIn(variables)),
      ...(flagIn(variables, 'privileged', false) ? { Privileged: true } : {}),
    },
  };
}

function memberOf(name: string, value: unknown): JsonRecord {
  return value === null ? {} : { [name]: value };
}

function policyIn(variables: JsonRecord, image: string): PullPolicy {
  const said = textIn(variables, 'image_pull_policy');
  if (said === null) return isMovable(image) ? 'Always' : 'IfNotPresent';
  const policy = PULL_POLICIES.find((each) => each === said);
  if (policy !== undefined) return policy;
  throw wrong('image_pull_policy', `it cannot be ${JSON.stringify(said)}`, `Write one of ${PULL_POLICIES.join(', ')}.`);
}

/** Its name may stand for another image tomorrow. */
function isMovable(image: string): boolean {
  if (image.includes('@')) return false;
  const { tag } = partsOf(image);
  return tag === null || tag === 'latest';
}

/** `host:5000/name:tag` → the name and the tag. */
export function partsOf(image: string): { readonly name: string; readonly tag: string | null } {
  const at = image.lastIndexOf(':');
  return at < 0 || image.includes('/', at)
    ? { name: image, tag: null }
    : { name: image.slice(0, at), tag: image.slice(at + 1) };
}

function commandIn(variables: JsonRecord): readonly string[] | null {
  const said = variables['command'];
  if (Array.isArray(said) && said.length > 0 && said.every((word) => typeof word === 'string')) return said;
  const text = textIn(variables, 'command');
  if (text === null) return null;
  const words = commandWords(text);
  if (words !== null) return words;
  throw wrong('command', 'it is not one command', 'Write one line; for a script: sh -c "…".');
}

function volumesIn(variables: JsonRecord): readonly string[] | null {
  const volumes = textsIn(variables, 'volumes');
  const odd = volumes.find((volume) => !VOLUME.test(volume) || volume.includes('\0'));
  if (odd === undefined) return volumes.length === 0 ? null : volumes;
  throw wrong(
    'volumes',
    `${JSON.stringify(odd)} is no volume`,
    'Write FOLDER_OR_VOLUME:PATH or FOLDER_OR_VOLUME:PATH:ro.',
  );
}

function memoryIn(variables: JsonRecord, name: string): number | null {
  const said = variables[name] ?? null;
  if (said === null || said === '') return null;
  const isSwap = name === 'memswap_limit';
  if (typeof said === 'number' && Number.isInteger(said) && (said > 0 || (isSwap && said === -1))) return said;
  if (isSwap && said === '-1') return -1;
  if (typeof said === 'string' && new RegExp(MEMORY_PATTERN, 'u').test(said)) {
    const [, count = '', unit = 'b'] = /^([\d.]+)([bkmg])?/.exec(said.toLowerCase()) ?? [];
    return Math.round(Number(count) * (UNITS[unit] ?? 1));
  }
  throw wrong(name, `it cannot be ${JSON.stringify(said)}`, 'Write bytes, or a number with b, k, m or g: 512m.');
}

function cpusIn(variables: JsonRecord): number | null {
  const said = variables['cpus'] ?? null;
  if (said === null) return null;
  if (typeof said === 'number' && said > 0 && Number.isFinite(said)) return Math.round(said * NANO);
  throw wrong('cpus', `it cannot be ${JSON.stringify(said)}`, 'Write a number above 0, for instance 1.5.');
}

/** `null`: it is not there, or empty. */
function textIn(variables: JsonRecord, name: string): string | null {
  const said = variables[name] ?? null;
  if (said === null || said === '') return null;
  if (typeof said === 'string' && !said.includes('\0')) return said;
  throw wrong(name, `it cannot be ${JSON.stringify(said)}`, 'Write a text.');
}

function textsIn(variables: JsonRecord, name: string): readonly string[] {
  const said = variables[name] ?? [];
  if (Array.isArray(said) && said.every((each) => typeof each === 'string')) return said;
  throw wrong(name, `it cannot be ${JSON.stringify(said)}`, 'Write a list of texts.');
}

function flagIn(variables: JsonRecord, name: string, fallback: boolean): boolean {
  const said = variables[name] ?? fallback;
  if (typeof said === 'boolean') return said;
  throw wrong(name, `it cannot be ${JSON.stringify(said)}`, 'Write true or false.');
}

/** Entries that are `null` are left out. */
function entriesIn(variables: JsonRecord, name: string): Readonly<Record<string, string>> {
  const said = variables[name] ?? {};
  if (!isRecord(said)) throw wrong(name, `it cannot be ${JSON.stringify(said)}`, 'Write names with their texts.');
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => {
      if (value === null || value === undefined) return [];
      if (typeof value === 'object') throw wrong(name, `${key} is no text`, 'Write names with their texts.');
      if (key === '' || /[=\0]/.test(key) || String(value).includes('\0'))
        throw wrong(name, `${JSON.stringify(key)} cannot be an entry`, 'Write a name without "=".');
      return [[key, String(value)]];
    }),
  );
}
