/** What became of a deployment that was applied, in the words of a command. */

import { describeChange } from '../../client/control/describe-change.ts';
import type { AppliedDeployment } from '../../contract/deployment-version.ts';
import { shellWord } from '../../core/shell-word.ts';

export const FORCE_FILE = 'Write into the file what is to be, or add --force: then it is what the file says.';

/** @param isApplied else it is what would be. @param next lines that stand below one that was made */
export function describeApplied(
  { is_new: isNew, flow_name: flowName, name: own, version, changes }: AppliedDeployment,
  isApplied: boolean,
  next: readonly string[] = [],
): string {
  const name = `${flowName}/${own}`;
  const lines = changes.map((change) => `  ${describeChange(change)}`);
  const isChanged = changes.some(({ how }) => how === 'set');
  if (isNew && !isApplied) return `Deployment ${name} would be made.`;
  if (isNew)
    return [`Made deployment ${name}.`, `Run it now: ostinato deployment run ${shellWord(name)}`, ...next].join('\n');
  const number = version === null ? '' : ` (version ${version})`;
  if (changes.length === 0) return `Deployment ${name} is as the file says: nothing was changed${number}.`;
  if (!isApplied) return [`Deployment ${name}${number}, against the file:`, ...lines].join('\n');
  if (!isChanged) return [`Deployment ${name}: nothing was changed${number}.`, ...lines].join('\n');
  return [`Changed deployment ${name}${number}:`, ...lines].join('\n');
}
