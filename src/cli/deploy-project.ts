/** `ostinato deploy`: what `ostinato.yaml` says of a project's deployments, checked as a whole, then applied. */

import { dirname, relative, resolve } from 'node:path';

import type { WantedDeployment } from '../client/control/apply-deployment.ts';
import { bringDeployments, refuseConflicts } from '../client/control/bring-deployments.ts';
import type { DeploymentClient } from '../client/control/deployments.ts';
import { variablesOf } from '../client/control/variables.ts';
import { READ_BLOCK_DOCUMENT_BY_NAME } from '../contract/routes/blocks.ts';
import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import type { DeployOptions } from './commands/deploy.ts';
import { checkFlow, type CheckedFile } from './deployment-file/check-flow.ts';
import { refuseFile } from './deployment-file/complaints.ts';
import { describeApplied, FORCE_FILE } from './deployment-file/describe-applied.ts';
import { readFileText } from './deployment-file/read-text.ts';
import { wantedBy } from './deployment-file/wanted-by-file.ts';
import type { Complaint } from './deployment-file/written-document.ts';
import { withPlane, type PlaneContext } from './open-plane.ts';
import { printResult } from './output.ts';
import { pulledEntrypoint } from './project-file/pull.ts';
import { PROJECT_FILE, readProject, type ReadProject } from './project-file/read-project.ts';
import { describeStep, runStep, type Step } from './project-file/steps.ts';
import type { TemplateSources } from './project-file/templates.ts';
import { endLingering, keepStdoutForJson } from './run-outcome.ts';
import { sourceOfFile } from '../sdk/version-source.ts';
import type { Terminal } from './terminal.ts';

/** Which project a deployment was deployed by: only its own are ever pruned. */
const PROJECT_LABEL = 'ostinato.project';
const DEPLOYMENTS_MAX = 10_000;

export async function deployProject(terminal: Terminal, options: DeployOptions): Promise<void> {
  const file = resolve(terminal.workingDirectory, options.file ?? PROJECT_FILE);
  const shown = relative(terminal.workingDirectory, file) || file;
  const root = dirname(file);
  const isDry = options.dryRun === true;
  if (options.prune === true && options.all !== true)
    throw new OstinatoError('bad-input', '--prune needs --all: what is not named is not gone.', {
      remedy: 'Write: ostinato deploy --all --prune',
    });
  // What flow files print while they are loaded is not the answer.
  keepStdoutForJson();
  await withPlane(terminal, async (context) => {
    const sources = sourcesOf(context, terminal.environment);
    const text = readFileText({ path: file, shown, remedy: WRITE_IT });
    const read = await readProject(text, root, context.clock.now(), sources);
    if (!('deployments' in read)) throw refuseFile(read, shown);
    const chosen = choose(read, options, shown);
    if (!isDry) runSteps(terminal, read.build, root);
    const checked = await checkAll(chosen, file, shown);
    const source = await sourceOfFile(file, shown, text);
    const wanted = checked.map((each) => ({
      ...pulledBy(wantedBy(each), read.pull, root),
      labels: { [PROJECT_LABEL]: read.name },
      source,
    }));
    const { deployments } = context;
    const isForced = options.force;
    // Nothing is published that is then refused.
    const seen = await bringDeployments(deployments, wanted, { isDry: true, isForced });
    const isRefused = seen.deployments.some(({ plain }) => plain.changes.some(({ how }) => how === 'conflict'));
    const isDone = !isDry && !isRefused;
    if (isDone) runSteps(terminal, read.push, root);
    const brought = isDone ? await bringDeployments(deployments, wanted, { isForced }) : seen;
    const gone = options.prune === true ? await prune(deployments, read, brought.isApplied) : [];
    const { isApplied, deployments: applied } = brought;
    const json = {
      dry_run: isDry,
      is_applied: isApplied,
      deployments: applied.map(({ exact }) => exact),
      pruned: gone,
    };
    printResult(terminal, options.output, json, () =>
      [
        ...(isDry ? stepLines(read) : []),
        ...applied.map(({ plain }, index) => describeApplied(plain, isApplied, checked[index]?.fields ?? {})),
        ...gone.map((name) => `${isApplied ? 'Deleted' : 'Would delete'} deployment ${name}, which ${GONE}`),
      ].join('\n'),
    );
    if (!isDry) refuseConflicts(brought, { who: 'the file', remedy: FORCE_FILE, isTold: true });
  });
  endLingering(terminal, null);
}

const WRITE_IT = 'Write one with: ostinato init --deployments';
const GONE = 'the project names no more.';

function sourcesOf({ plane }: PlaneContext, env: TemplateSources['env']): TemplateSources {
  const variables = variablesOf(plane);
  return {
    env,
    variable: async (name) => (await variables.read(name))?.value,
    block: async (type, name) => {
      const found = await plane.find(READ_BLOCK_DOCUMENT_BY_NAME, { slug: type, block_document_name: name });
      return found === null ? undefined : (found.plain as { readonly data: Readonly<Record<string, unknown>> }).data;
    },
  };
}

type Entry = ReadProject['deployments'][number];

const nameOf = ({ flow_name: flow, name }: Entry['fields']): string => `${flow}/${name}`;

function choose({ deployments }: ReadProject, { all, name: words }: DeployOptions, shown: string): readonly Entry[] {
  if (all === true) return deployments;
  const names = deployments.map(({ fields }) => nameOf(fields));
  if (words === undefined) {
    if (deployments.length === 1) return deployments;
    throw new OstinatoError('bad-input', `${shown} has ${deployments.length} deployments: ${names.join(', ')}.`, {
      remedy: 'Say which: --name NAME, or --all.',
    });
  }
  return words.map((word) => {
    const found = deployments.filter(({ fields }) => fields.name === word || nameOf(fields) === word);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    const hint = found.length > 1 ? ' It is the name of several.' : didYouMean(word, names);
    throw new OstinatoError('not-found', `${shown} has no single deployment "${word}".${hint}`, {
      remedy: `It has: ${names.join(', ')}.`,
    });
  });
}

function runSteps(terminal: Terminal, steps: readonly Step[], root: string): void {
  for (const step of steps) {
    terminal.err(`${describeStep(step)}\n`);
    runStep(step, root, terminal.environment);
  }
}

async function checkAll(entries: readonly Entry[], file: string, shown: string): Promise<readonly CheckedFile[]> {
  const checked: CheckedFile[] = [];
  const complaints: Complaint[] = [];
  for (const { fields, placeOf } of entries) {
    const one = await checkFlow(fields, file, placeOf);
    if ('flow' in one) checked.push(one);
    else complaints.push(...one);
  }
  if (complaints.length > 0) throw refuseFile(complaints, shown);
  return checked;
}

/** Its code is pulled: then it lies in no folder of this machine. */
function pulledBy(wanted: WantedDeployment, pull: ReadProject['pull'], root: string): WantedDeployment {
  if (pull === null) return wanted;
  const { entrypoint, path } = wanted.fields;
  const steps = { pull_steps: [...pull] };
  if (pull.length === 0) return { ...wanted, fields: { ...wanted.fields, ...steps } };
  const pulled = pulledEntrypoint(String(entrypoint), String(path), root);
  return { ...wanted, fields: { ...wanted.fields, ...steps, entrypoint: pulled, path: null } };
}

/** @param isApplied else it is only told what would go */
async function prune(
  deployments: DeploymentClient,
  { name: project, deployments: named }: ReadProject,
  isApplied: boolean,
): Promise<readonly string[]> {
  const kept = new Set(named.map(({ fields }) => nameOf(fields)));
  const gone: string[] = [];
  const all = (await deployments.list({ limit: DEPLOYMENTS_MAX })).map(({ plain }) => plain);
  const ours = all.filter(({ labels }) => labels[PROJECT_LABEL] === project);
  const flowNames = await deployments.flowNames(ours.map(({ flow_id: id }) => id));
  for (const plain of ours) {
    const name = `${flowNames.get(plain.flow_id) ?? ''}/${plain.name}`;
    if (kept.has(name)) continue;
    if (isApplied) await deployments.remove(plain.id);
    gone.push(name);
  }
  return gone;
}

function stepLines({ build, push }: ReadProject): string[] {
  return [...build, ...push].map((step) => `Would run ${describeStep(step)}`);
}
