/**
 * `ostinato deployment apply` and `diff`: all files are checked before anything is applied, and what they say is
 * applied in one go, or not at all.
 */

import { relative, resolve } from 'node:path';

import { bringDeployments, refuseConflicts } from '../client/control/bring-deployments.ts';
import type { VersionSource } from '../client/control/deployments.ts';
import { createClock } from '../platform/clock.ts';
import type { ApplyOptions } from './commands/deployment-apply.ts';
import { wantedBy } from './deployment-file/wanted-by-file.ts';
import { checkFlow, type CheckedFile } from './deployment-file/check-flow.ts';
import { inOrder, refuseFiles } from './deployment-file/complaints.ts';
import { describeApplied, FORCE_FILE } from './deployment-file/describe-applied.ts';
import { readDeploymentFile } from './deployment-file/read-file.ts';
import { readFileText } from './deployment-file/read-text.ts';
import { splitDocuments, type Complaint } from './deployment-file/written-document.ts';
import { withPlane } from './open-plane.ts';
import { printResult } from './output.ts';
import { endLingering, keepStdoutForJson } from './run-outcome.ts';
import type { Terminal } from './terminal.ts';
import { sourceOfFile } from '../sdk/version-source.ts';

/** One deployment of a file. */
interface ReadDeployment extends CheckedFile {
  readonly source: VersionSource;
}

export async function applyDeployments(
  terminal: Terminal,
  words: readonly string[],
  { output, dryRun = false, force = false }: ApplyOptions,
): Promise<void> {
  const base = terminal.workingDirectory;
  // What flow files print while they are loaded is not the answer.
  keepStdoutForJson();
  const read: ReadDeployment[] = [];
  const wrong = new Map<string, readonly Complaint[]>();
  for (const word of words) {
    const shown = relative(base, resolve(base, word));
    const file = await readAndCheck(resolve(base, word), shown);
    if (file.complaints.length > 0) wrong.set(shown, file.complaints);
    read.push(...file.deployments);
  }
  if (wrong.size > 0) throw refuseFiles(wrong);
  await withPlane(terminal, async ({ deployments }) => {
    const wanted = read.map((each) => ({ ...wantedBy(each), source: each.source }));
    const brought = await bringDeployments(deployments, wanted, { isDry: dryRun, isForced: force });
    const exact = brought.deployments.map((each) => each.exact);
    printResult(terminal, output, exact, () =>
      brought.deployments
        .map(({ plain }, index) => describeApplied(plain, brought.isApplied, read[index]?.fields ?? {}))
        .join('\n'),
    );
    if (!dryRun) refuseConflicts(brought, { who: 'the file', remedy: FORCE_FILE, isTold: true });
  });
  endLingering(terminal, null);
}

const WRITE_IT = 'Write it with: ostinato deployment build --name NAME FLOW_FILE';

interface CheckedText {
  readonly deployments: readonly ReadDeployment[];
  readonly complaints: readonly Complaint[];
}

/** All deployments of a file, or everything that is wrong in it, also with what it says of flows. */
async function readAndCheck(path: string, shown: string): Promise<CheckedText> {
  const text = readFileText({ path, shown, remedy: WRITE_IT });
  const source = await sourceOfFile(path, shown, text);
  const deployments: ReadDeployment[] = [];
  const complaints: Complaint[] = [];
  const names = new Set<string>();
  for (const part of splitDocuments(text)) {
    const { usable, complaints: found, placeOf } = readDeploymentFile(part, createClock().now());
    complaints.push(...found);
    if (usable === null) continue;
    const checked = await checkFlow(usable, path, placeOf);
    const name = `${usable.flow_name}/${usable.name}`;
    if (names.has(name)) {
      const message = `The deployment ${name} stands in the file a second time.`;
      complaints.push({ ...placeOf(['name']), message, advice: 'Give it another name.' });
    }
    names.add(name);
    if ('flow' in checked) deployments.push({ ...checked, source });
    else complaints.push(...checked);
  }
  return { deployments, complaints: inOrder(complaints) };
}
