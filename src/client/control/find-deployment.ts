/** Deployments by what people type: FLOW/NAME, the name alone where it is one of a kind, or the id. */
import type { DeploymentClient } from './deployments.ts';
import type { Deployment } from '../../contract/deployment.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';

export interface FoundDeployment extends BothViews<Deployment> {
  readonly flowName: string;
}

/** Names that a mistyped one is compared with. */
const NAMES_MAX = 1000;
const CANDIDATES_MAX = 8;

export async function findDeployment(deployments: DeploymentClient, word: string): Promise<FoundDeployment> {
  const found = await lookFor(deployments, word);
  if (found !== null) return { ...found, flowName: await deployments.flowName(found.plain.flow_id) };
  const all = await deployments.list({ limit: NAMES_MAX });
  const hint = didYouMean(
    word.slice(word.lastIndexOf('/') + 1),
    all.map(({ plain }) => plain.name),
  );
  throw new OstinatoError('not-found', `There is no deployment "${word}".${hint}`, {
    remedy:
      all.length === 0
        ? 'Write one with: ostinato deployment build --name NAME FILE'
        : 'Take a name from: ostinato deployment ls',
  });
}

async function lookFor(deployments: DeploymentClient, word: string): Promise<BothViews<Deployment> | null> {
  if (isUuid(word)) return await deployments.read(word.toLowerCase());
  // A name of a flow may have a slash in it, one of a deployment may not.
  const slash = word.lastIndexOf('/');
  if (slash > 0) return await deployments.find(word.slice(0, slash), word.slice(slash + 1));
  const named = await deployments.list({ limit: CANDIDATES_MAX + 1, name: word });
  if (named.length <= 1) return named[0] ?? null;
  const candidates = named.slice(0, CANDIDATES_MAX).map(({ plain }) => plain.flow_id);
  const flowNames = await deployments.flowNames(candidates);
  const flows = candidates.map((id) => flowNames.get(id) ?? '');
  throw new OstinatoError(
    'conflict',
    `"${word}" is the name of several deployments:\n${flows.map((flow) => `  ${flow}/${word}`).join('\n')}`,
    { remedy: 'Type one of these.' },
  );
}
