/** `ostinato deployment versions` and `rollback`. */

import type { DeploymentVersion } from '../contract/deployment-version.ts';
import { parseInstant } from '../core/time.ts';
import { describeChange } from '../client/control/describe-change.ts';
import { findDeployment } from '../client/control/find-deployment.ts';
import { showAgo } from './format.ts';
import { withPlane } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { printRows, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';
import { sourceByHand } from '../sdk/version-source.ts';

type Output = OutputOptions['output'];

/** Digits of a commit or checksum that people compare. */
const DIGITS = 10;

export async function listVersions(terminal: Terminal, word: string, output: Output): Promise<void> {
  await withPlane(terminal, async ({ deployments, clock }) => {
    const { plain, flowName } = await findDeployment(deployments, word);
    const found = await deployments.versions(plain.id);
    const now = clock.now();
    const columns: Column<DeploymentVersion>[] = [
      { title: 'VERSION', text: ({ version }) => String(version), align: 'right' },
      { title: 'WHEN', text: ({ created }) => agoOf(created, now) },
      { title: 'BY', text: ({ by }) => by ?? '', shrinks: true, drops: 2 },
      { title: 'COMMIT', text: commitOf, drops: 1 },
      { title: 'FROM', text: fromOf, shrinks: true, drops: 3 },
      { title: 'CHECKSUM', text: ({ checksum }) => checksum?.slice(0, DIGITS) ?? '', drops: 4 },
    ];
    printRows(terminal, output, found, {
      columns,
      none: `Deployment ${flowName}/${plain.name} was not applied from a file yet.`,
    });
  });
}

function agoOf(created: string, now: Parameters<typeof showAgo>[1]): string {
  const at = parseInstant(created);
  return at === null ? created : showAgo(at, now);
}

/** `*`: the file was other than in the commit. */
function commitOf({ git_commit: commit, is_git_dirty: isDirty }: DeploymentVersion): string {
  return commit === null ? '' : `${commit.slice(0, DIGITS)}${isDirty === true ? '*' : ''}`;
}

function fromOf({ kind, file, rolled_back_to: to }: DeploymentVersion): string {
  return kind === 'rollback' ? `back to ${to ?? ''}` : (file ?? '');
}

export async function rollBack(terminal: Terminal, word: string, version: number, output: Output): Promise<void> {
  await withPlane(terminal, async ({ deployments }) => {
    const { plain, flowName } = await findDeployment(deployments, word);
    const name = `${flowName}/${plain.name}`;
    const reply = await deployments.rollBack(plain.id, version, sourceByHand());
    const { changes, version: number } = reply.plain;
    printResult(terminal, output, reply.exact, () =>
      changes.every(({ how }) => how === 'kept')
        ? `Deployment ${name} is what it was in version ${version}: nothing was changed.`
        : [
            `Deployment ${name} is what it was in version ${version} (now version ${number ?? ''}):`,
            ...changes.filter(({ how }) => how === 'set').map((change) => `  ${describeChange(change)}`),
          ].join('\n'),
    );
  });
}
