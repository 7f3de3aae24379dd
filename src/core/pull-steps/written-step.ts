/**
 * The steps by which a worker gets the code of a deployment, as they are written: by Prefect's clients, and by
 * `ostinato.yaml`. Each is an object with one member, named like the function that carries it out.
 */

import { OstinatoError } from '../errors.ts';

export interface WrittenStep {
  /** As it is written, for instance `prefect.deployments.steps.git_clone`. */
  readonly name: string;
  /** Which of ours it is; `null`: a function of somebody's Python package. */
  readonly kind: StepKind | null;
  /** By it later steps name what it gave. */
  readonly id: string | null;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export type StepKind = 'folder' | 'git' | 'shell' | 'python-packages' | 'node-packages';

/** What no step's function takes, but every step may have. */
const RESERVED: ReadonlySet<string> = new Set(['id', 'requires']);
const STEPS_MAX = 100;

const KINDS: Readonly<Record<string, StepKind>> = {
  set_working_directory: 'folder',
  git_clone: 'git',
  git_clone_project: 'git',
  run_shell_script: 'shell',
  pip_install_requirements: 'python-packages',
  npm_install: 'node-packages',
};
const PLACE = /^(?:prefect\.(?:deployments|projects)\.steps(?:\.(?:pull|utility))?|ostinato\.steps)\.(\w+)$/;

/** @throws `bad-input` for what is no list of steps */
export function readWrittenSteps(value: unknown): readonly WrittenStep[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw unreadable('they are no list');
  if (value.length > STEPS_MAX) throw unreadable(`there are more than ${STEPS_MAX}`);
  return value.flatMap((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw unreadable(`number ${index + 1} is no object`);
    const members = Object.entries(entry);
    // Prefect leaves such ones out, too.
    if (members.length === 0) return [];
    const [only] = members;
    if (only === undefined || members.length > 1) throw unreadable(`number ${index + 1} names several functions`);
    const [name, inputs] = only;
    if (typeof inputs !== 'object' || Array.isArray(inputs))
      throw unreadable(`what number ${index + 1} takes is no object`);
    const given = (inputs ?? {}) as Readonly<Record<string, unknown>>;
    const id = given['id'];
    return [
      {
        name,
        kind: KINDS[PLACE.exec(name)?.[1] ?? ''] ?? null,
        id: typeof id === 'string' && id !== '' ? id : null,
        inputs: Object.fromEntries(Object.entries(given).filter(([key]) => !RESERVED.has(key))),
      },
    ];
  });
}

function unreadable(why: string): OstinatoError {
  return new OstinatoError('bad-input', `The deployment's pull steps cannot be read: ${why}.`, {
    remedy: 'Write a list of steps, for instance: [{ "prefect.deployments.steps.git_clone": { "repository": "…" } }]',
  });
}
