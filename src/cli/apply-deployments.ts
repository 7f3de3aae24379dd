/**
 * `ostinato deployment apply` and `diff`: all files are checked before anything is applied, and what they say is
 * applied in one go, or not at all.
 */

import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

import { newSchedule } from '../client/control/apply-deployment.ts';
import type { ApplyRequest } from '../client/control/deployments.ts';
import { DEPLOYMENTS_MAX, type AppliedDeployment, type VersionSourceIn } from '../contract/deployment-version.ts';
import { OstinatoError } from '../core/errors.ts';
import { shellWord } from '../core/shell-word.ts';
import { createClock } from '../platform/clock.ts';
import { diskError } from '../platform/disk-errors.ts';
import type { ApplyOptions } from './commands/deployment-apply.ts';
import { wantedBy } from './deployment-file/wanted-by-file.ts';
import { checkFlow, type CheckedFile } from './deployment-file/check-flow.ts';
import { refuseFile } from './deployment-file/complaints.ts';
import { describeChange } from './deployment-file/describe-change.ts';
import { readDeploymentFile } from './deployment-file/read-file.ts';
import { splitDocuments } from './deployment-file/written-document.ts';
import { withPlane } from './open-plane.ts';
import { printResult } from './output.ts';
import { endLingering, keepStdoutForJson } from './run-outcome.ts';
import type { Terminal } from './terminal.ts';
import { sourceOfFile } from './version-source.ts';

/** One deployment of a file. */
interface ReadDeployment extends CheckedFile {
  readonly source: VersionSourceIn;
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
  for (const word of words)
    read.push(...(await readAndCheck(resolve(base, word), relative(base, resolve(base, word)))));
  if (read.length > DEPLOYMENTS_MAX)
    throw new OstinatoError(
      'bad-input',
      `${read.length} deployments are too many for one go: at most ${DEPLOYMENTS_MAX}.`,
    );
  await withPlane(terminal, async ({ deployments }) => {
    const { plain, exact } = await deployments.apply({ deployments: read.map(wireOf), dry_run: dryRun, force });
    printResult(terminal, output, exact.deployments, () =>
      plain.deployments
        .map((each, index) => describe(each, plain.is_applied, read[index]?.fields.work_queue_name ?? 'default'))
        .join('\n'),
    );
    if (plain.deployments.some(hasConflict) && !dryRun)
      throw new OstinatoError('conflict', 'What the file changes was changed by hand, too: nothing was applied.', {
        remedy: 'Write into the file what is to be, or add --force: then it is what the file says.',
      });
  });
  endLingering(terminal, null);
}

function wireOf(read: ReadDeployment): ApplyRequest['deployments'][number] {
  const { flowName, name, fields, schedules } = wantedBy(read);
  return {
    ...fields,
    flow_name: flowName,
    name,
    source: read.source,
    ...(schedules === undefined ? {} : { schedules: schedules.map(newSchedule) }),
  };
}

const hasConflict = ({ changes }: AppliedDeployment): boolean => changes.some(({ how }) => how === 'conflict');

const FILE_BYTES_MAX = 1024 * 1024;

/** All deployments of a file. @throws `bad-input` with everything that is wrong in it */
async function readAndCheck(path: string, shown: string): Promise<readonly ReadDeployment[]> {
  const text = readText(path, shown);
  const source = await sourceOfFile(path, shown, text);
  const read: ReadDeployment[] = [];
  for (const part of splitDocuments(text)) {
    const { fields, complaints, placeOf } = readDeploymentFile(part, createClock().now());
    if (fields === null) throw refuseFile(complaints, shown);
    const checked = await checkFlow(fields, path, placeOf);
    if (!('flow' in checked)) throw refuseFile(checked, shown);
    const twice = read.some((each) => each.fields.name === fields.name && each.fields.flow_name === fields.flow_name);
    if (twice) {
      const message = `The deployment ${fields.flow_name}/${fields.name} stands in the file a second time.`;
      throw refuseFile([{ ...placeOf(['name']), message, advice: 'Give it another name.' }], shown);
    }
    read.push({ ...checked, source });
  }
  return read;
}

function readText(path: string, shown: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(error, 'read the file', path);
    throw new OstinatoError('not-found', `There is no file ${shown}.`, {
      remedy: 'Write it with: ostinato deployment build --name NAME FLOW_FILE',
    });
  }
  if (text.length > FILE_BYTES_MAX)
    throw new OstinatoError('bad-input', `${shown} is longer than 1 MiB: it is no file of a deployment.`, {
      remedy: 'Name a file that `ostinato deployment build` wrote.',
    });
  return text.replace(/^\uFEFF/, '');
}

function describe(
  { is_new: isNew, flow_name: flowName, name: own, version, changes }: AppliedDeployment,
  isApplied: boolean,
  queue: string,
): string {
  const name = `${flowName}/${own}`;
  const lines = changes.map((change) => `  ${describeChange(change)}`);
  const isChanged = changes.some(({ how }) => how === 'set');
  if (isNew && !isApplied) return `Deployment ${name} would be made.`;
  if (isNew)
    return [
      `Made deployment ${name}.`,
      `Run it now: ostinato deployment run ${shellWord(name)}`,
      `Its runs wait for: ostinato agent start -q ${shellWord(queue)}`,
    ].join('\n');
  const number = version === null ? '' : ` (version ${version})`;
  if (changes.length === 0) return `Deployment ${name} is as the file says: nothing was changed${number}.`;
  if (!isApplied) return [`Deployment ${name}${number}, against the file:`, ...lines].join('\n');
  if (!isChanged) return [`Deployment ${name}: nothing was changed${number}.`, ...lines].join('\n');
  return [`Changed deployment ${name}${number}:`, ...lines].join('\n');
}
