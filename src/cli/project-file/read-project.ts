/** Reads `ostinato.yaml`: many deployments of one project, and the steps before them. */

import { Action } from '../../contract/route.ts';
import { Type, type Static } from '../../contract/type.ts';
import { compile, type Mismatch } from '../../contract/validator.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import type { Instant } from '../../core/time.ts';
import { inOrder } from '../deployment-file/complaints.ts';
import type { DeploymentFile } from '../deployment-file/fields.ts';
import { readFields } from '../deployment-file/read-file.ts';
import { readDocument, type Complaint, type WrittenDocument } from '../deployment-file/written-document.ts';
import { isInside } from '../../platform/path-inside.ts';
import { PullStep, pullStepsOf, slipOfPull } from './pull.ts';
import { slipOf, Step } from './steps.ts';
import { fillTemplates, type TemplateSources } from './templates.ts';

export const PROJECT_FILE = 'ostinato.yaml';

const Fields = Type.Record(Type.String(), Type.Unknown());
const ProjectFile = Action({
  /** Whose deployments these are. */
  name: Type.String({ minLength: 1 }),
  build: Type.Optional(Type.Array(Step)),
  push: Type.Optional(Type.Array(Step)),
  /** How a worker gets the code. Left out, it is where this file is. */
  pull: Type.Optional(Type.Array(PullStep)),
  defaults: Type.Optional(Fields),
  deployments: Type.Array(Fields),
});
type ProjectFile = Static<typeof ProjectFile>;

const WORDS: Readonly<Record<string, string>> = {
  name: 'name: my-project',
  build: 'build: [{ shell: npm run build }]',
  push: 'push: [{ local: { from: dist, to: published } }]',
  pull: 'pull: [{ git: { repository: "https://example.org/flows.git", branch: main } }]',
  defaults: 'defaults: { work_queue_name: default }',
  deployments: 'deployments: [{ name: nightly, flow_name: sales, entrypoint: flows.ts:sales }]',
};

export interface ReadProject {
  readonly name: string;
  readonly build: readonly Step[];
  readonly push: readonly Step[];
  /** As the server keeps them; `null`: nothing is said of them. */
  readonly pull: readonly Readonly<Record<string, unknown>>[] | null;
  readonly deployments: readonly { readonly fields: DeploymentFile; readonly placeOf: WrittenDocument['placeOf'] }[];
}

type Path = readonly (string | number)[];
const COMPLAINTS_MAX = 20;

/** @param root the project's folder, absolute */
export async function readProject(
  text: string,
  root: string,
  now: Instant,
  sources: TemplateSources,
): Promise<ReadProject | readonly Complaint[]> {
  const { value, complaints, placeOf } = readDocument(text);
  if (complaints.length > 0) return complaints;
  const mismatches = compile(ProjectFile).mismatches(value, COMPLAINTS_MAX);
  const found: Complaint[] = mismatches.map((each) => ({ ...placeOf(each.path), ...wordsOf(each) }));
  const written = withoutWrong(value, mismatches);
  if (written === null) return inOrder(found);
  // What is filled in where a worker pulls is filled in there.
  const { pull, ...here } = written;
  const filled = await fillTemplates(here, sources, placeOf);
  found.push(...filled.complaints);
  const project = withShellLines(filled.value as ProjectFile, written);
  found.push(...slipsOfSteps(project, root, placeOf), ...slipsOfPull(pull ?? [], placeOf));
  const read = project.deployments.map((entry, index) => {
    const at = (path: Path) => {
      const isOwn = path.length === 0 || Object.hasOwn(entry, String(path[0]));
      return placeOf(isOwn ? ['deployments', index, ...path] : ['defaults', ...path]);
    };
    return { ...readFields({ ...project.defaults, ...entry }, at, now), placeOf: at };
  });
  const later = [
    ...read.flatMap(({ complaints: wrong }) => wrong),
    ...read.flatMap(({ usable, placeOf: at }) => (usable === null ? [] : strayPaths(usable, root, at))),
    ...twice(
      read.map(({ usable }) => usable),
      placeOf,
    ),
  ];
  // Of a template that stands for nothing, and of a default, it is told once.
  for (const each of later)
    if (!found.some(({ line, column }) => line === each.line && column === each.column)) found.push(each);
  if (found.length > 0) return inOrder(found);
  return {
    name: project.name,
    build: project.build ?? [],
    push: project.push ?? [],
    pull: pull === undefined ? null : pullStepsOf(pull, root),
    deployments: read.flatMap(({ fields, placeOf: at }) => (fields === null ? [] : [{ fields, placeOf: at }])),
  };
}

/** What is left to be looked at; `null`: no deployments. */
function withoutWrong(value: unknown, mismatches: readonly Mismatch[]): ProjectFile | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const parts: Record<string, unknown> = { ...value };
  for (const { path } of mismatches) delete parts[String(path[0])];
  const { deployments, name = 'nameless' } = parts;
  return Array.isArray(deployments) ? ({ ...parts, name, deployments } as ProjectFile) : null;
}

function wordsOf({ keyword, path }: { readonly keyword: string; readonly path: Path }) {
  const name = String(path.at(-1) ?? '');
  const known = path.length === 1 ? Object.keys(WORDS) : ['shell', 'install', 'git', 'local', 'env'];
  const example = WORDS[String(path[0] ?? 'deployments')] ?? WORDS['deployments'] ?? '';
  const advice = `Write, for instance: ${example}`;
  if (keyword === 'additionalProperties')
    return {
      message: `There is no field "${name}".${didYouMean(name, known)}`,
      advice: `Fields are: ${known.join(', ')}.`,
    };
  if (keyword === 'required') return { message: `The field "${name}" is missing.`, advice };
  if (path.length === 0) return { message: 'The file does not say which deployments there are.', advice };
  return { message: `"${path.join('.')}" is something else than it must be.`, advice };
}

/** As they are written: nothing that is filled in is ever run. */
function withShellLines(filled: ProjectFile, written: ProjectFile): ProjectFile {
  const restored = (part: 'build' | 'push'): Partial<ProjectFile> => {
    const steps = filled[part];
    if (steps === undefined) return {};
    return {
      [part]: steps.map((step, index) => {
        const shell = written[part]?.[index]?.shell;
        return shell === undefined ? step : { ...step, shell };
      }),
    };
  };
  return { ...filled, ...restored('build'), ...restored('push') };
}

function slipsOfSteps(project: ProjectFile, root: string, placeOf: WrittenDocument['placeOf']): Complaint[] {
  return (['build', 'push'] as const).flatMap((part) =>
    (project[part] ?? []).flatMap((step, index) => {
      const slip = slipOf(step, root);
      if (slip === null) return [];
      const { message, advice } = slip;
      return [{ ...placeOf([part, index, ...slip.path]), message, advice }];
    }),
  );
}

function slipsOfPull(steps: readonly PullStep[], placeOf: WrittenDocument['placeOf']): Complaint[] {
  return steps.flatMap((step, index) => {
    const slip = slipOfPull(step);
    if (slip === null) return [];
    const { message, advice } = slip;
    return [{ ...placeOf(['pull', index, ...slip.path]), message, advice }];
  });
}

/** A project's deployments run what is in the project, wherever links lead. */
function strayPaths(
  { path = '.', entrypoint }: DeploymentFile,
  root: string,
  placeOf: WrittenDocument['placeOf'],
): Complaint[] {
  const file = entrypoint.slice(0, entrypoint.lastIndexOf(':') > 1 ? entrypoint.lastIndexOf(':') : undefined);
  const advice = 'Name a place below the folder of this file; one elsewhere has a project of its own.';
  if (!isInside(root, path))
    return [{ ...placeOf(['path']), message: `${JSON.stringify(path)} leads out of the project's folder.`, advice }];
  if (isInside(root, `${path}/${file}`) && !file.startsWith('/')) return [];
  const message = `The entrypoint ${JSON.stringify(entrypoint)} leads out of the project's folder.`;
  return [{ ...placeOf(['entrypoint']), message, advice }];
}

function twice(all: readonly (DeploymentFile | null)[], placeOf: WrittenDocument['placeOf']): Complaint[] {
  const names = all.map((fields) => (fields === null ? null : `${fields.flow_name}/${fields.name}`));
  return names.flatMap((name, index) =>
    name === null || names.indexOf(name) === index
      ? []
      : [
          {
            ...placeOf(['deployments', index, 'name']),
            message: `The deployment ${name} stands here a second time.`,
            advice: 'Give each one a name of its own.',
          },
        ],
  );
}
