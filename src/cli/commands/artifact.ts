import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Command } from 'commander';

import type { ArtifactFilter } from '../../client/control/artifacts.ts';
import type { OstinatoClient } from '../../client/port.ts';
import { encodeArtifact } from '../../contract/artifact.ts';
import { ARTIFACT_TYPES, type Artifact, type ArtifactType } from '../../core/artifact.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid, type ArtifactId } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import { parseLimit } from '../arguments.ts';
import { contentOf, renderArtifact, summarise } from '../artifact-view.ts';
import { findFlowRun, isIdPrefix, single } from '../find-run.ts';
import { showAgo } from '../format.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { defineDelete } from './artifact-delete.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ListOptions extends OutputOptions {
  readonly key?: string;
  readonly type?: ArtifactType;
  readonly flowRun?: string;
  readonly latest?: boolean;
  readonly limit: number;
}

interface InspectOptions extends OutputOptions {
  readonly save?: string;
}

/** Artifacts among which the beginning of an id is looked for: the newest. */
const LOOKED_AT_MAX = 1000;

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List artifacts, newest first.');
  list
    .option('--key <key>', 'only the versions of this one')
    .addOption(list.createOption('--type <type>', 'only artifacts of this type').choices(ARTIFACT_TYPES))
    .option('--flow-run <run>', 'only those of this flow run (id, beginning of an id, or name)')
    .option('--latest', 'only the newest version of each key')
    .option('--limit <count>', 'how many at most', parseLimit, 50)
    .addOption(outputOption(list))
    .action((options: ListOptions) =>
      withClient(terminal, (context) => listArtifacts(context, options), { lookAfterLostRuns: false }),
    );
  addExamples(list, [
    ['ostinato artifact ls --latest', 'one line a key'],
    ['ostinato artifact ls --flow-run brave-otter', 'what one run has shown'],
  ]);

  const inspect = command
    .command('inspect')
    .description('Show an artifact: markdown, tables and links as text, the rest described.');
  inspect
    .argument('<artifact>', 'key (its newest version), id, or beginning of an id')
    .option('--save <file>', 'write its content to a file: a picture, markdown, the rows as JSON')
    .addOption(outputOption(inspect))
    .action((word: string, options: InspectOptions) =>
      withClient(terminal, (context) => inspectArtifact(context, word, options), { lookAfterLostRuns: false }),
    );
  addExamples(inspect, [
    ['ostinato artifact inspect sales-by-month', 'the newest version'],
    ['ostinato artifact inspect roc-curve --save roc.png', 'a picture, as a file'],
  ]);
  defineDelete(command, terminal);
}

async function listArtifacts({ client, clock, terminal }: CommandContext, options: ListOptions): Promise<void> {
  const { key, type, flowRun, latest, limit, output } = options;
  const filter: ArtifactFilter = {
    ...(key === undefined ? {} : { key }),
    ...(type === undefined ? {} : { type }),
    ...(latest === true ? { latest } : {}),
    ...(flowRun === undefined ? {} : { flowRunId: (await findFlowRun(client, flowRun)).id }),
  };
  const artifacts = await client.control.artifacts.list(filter, { limit });
  const now = clock.now();
  const columns: Column<Artifact>[] = [
    { title: 'ID', text: ({ id }) => id, is: 'id' },
    { title: 'KEY', text: (artifact) => artifact.key ?? '', is: 'whole' },
    { title: 'TYPE', text: (artifact) => artifact.type ?? '', drops: 1 },
    { title: 'WHAT', text: (artifact) => artifact.description ?? summarise(artifact), shrinks: true, drops: 2 },
    { title: 'CREATED', text: ({ createdAt }) => showAgo(createdAt, now), drops: 3 },
  ];
  printResult(terminal, output, artifacts.map(encodeArtifact), () =>
    artifacts.length === 0
      ? 'No artifact fits. Flows make them, for instance with: await artifacts.markdown("# Report", { key: "report" })'
      : renderTable(artifacts, columns, terminal),
  );
}

async function inspectArtifact(
  { client, terminal }: CommandContext,
  word: string,
  { save, output }: InspectOptions,
): Promise<void> {
  const artifact = await findArtifact(client, word);
  if (save !== undefined) {
    const path = resolve(terminal.workingDirectory, save);
    saveContent(path, artifact);
    terminal.err(`Written to ${path}\n`);
  }
  if (save === undefined || output === 'json')
    printResult(terminal, output, encodeArtifact(artifact), () => renderArtifact(artifact, terminal));
}

function saveContent(path: string, artifact: Artifact): void {
  try {
    writeFileSync(path, contentOf(artifact));
  } catch (error) {
    if (OstinatoError.is(error)) throw error;
    throw new OstinatoError('bad-input', `${path} cannot be written: ${(error as Error).message}`, {
      cause: error,
      remedy: 'Name a file in a folder that exists and that you may write to.',
    });
  }
}

async function findArtifact(client: OstinatoClient, word: string): Promise<Artifact> {
  const byId = isUuid(word) ? await client.control.artifacts.read(word.toLowerCase() as ArtifactId) : null;
  const [byKey] = byId === null ? await client.control.artifacts.list({ key: word }, { limit: 1 }) : [];
  const found = byId ?? byKey;
  if (found !== undefined) return found;
  const all = await client.control.artifacts.list({}, { limit: LOOKED_AT_MAX });
  const digits = word.replaceAll('-', '').toLowerCase();
  const named = all.map((artifact) => ({ id: artifact.id, name: artifact.key ?? artifact.type ?? '', artifact }));
  const begun = isIdPrefix(word)
    ? single(
        word,
        named.filter(({ id }) => id.replaceAll('-', '').startsWith(digits)),
        'artifacts',
      )
    : null;
  if (begun !== null) return begun.artifact;
  throw new OstinatoError(
    'not-found',
    `There is no artifact "${word}".${didYouMean(
      word,
      all.flatMap(({ key }) => key ?? []),
    )}`,
    { remedy: 'Take a key or an id from: ostinato artifact ls' },
  );
}
