/** `ostinato deployment build`: looks at the flow of a file, and writes down how it may run by itself. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { pathWord } from '../core/shell-word.ts';
import { createClock } from '../platform/clock.ts';
import { diskError } from '../platform/disk-errors.ts';
import type { BuildOptions } from './commands/deployment-build.ts';
import { DEFAULT_POOL, DEFAULT_QUEUE, type DeploymentFile } from './deployment-file/fields.ts';
import { refuseFile } from './deployment-file/complaints.ts';
import { checkFlow, loadFlow } from './deployment-file/check-flow.ts';
import { readDeploymentFile } from './deployment-file/read-file.ts';
import { scheduleEntries, writeDeploymentFile } from './deployment-file/write-file.ts';
import { locateFlowFile } from './flow-file-place.ts';
import { printResult } from './output.ts';
import { endLingering, keepStdoutForJson } from './run-outcome.ts';
import { schemaOf } from '../sdk/described-parameters.ts';
import { saidByFlow } from '../sdk/said-by-flow.ts';
import { typedParameters } from '../sdk/typed-parameters.ts';
import { readParameters } from './run-parameters.ts';
import type { Terminal } from './terminal.ts';

/** Names that differ in case and signs alone are one file. */
const FILE_NAME_SIGNS = /[^\p{L}\p{N}._-]+/gu;

export async function buildDeployment(terminal: Terminal, word: string, options: BuildOptions): Promise<void> {
  const base = terminal.workingDirectory;
  const { path } = locateFlowFile(word, base);
  const given = readParameters(options, base);
  // What the file prints while it is loaded is not the answer.
  keepStdoutForJson();
  const found = await loadFlow(word, base);
  const { flow, exportName } = found;
  const said = saidByFlow(flow);
  const fields = withoutAbsent({
    name: options.name,
    flow_name: flow.flowName,
    entrypoint: `${relative(base, path).split(sep).join('/')}:${exportName}`,
    path: base,
    description: options.description ?? flow.definition.options.description,
    version: options.flowVersion,
    tags: options.tag === undefined ? [] : [...options.tag],
    parameters: given === null ? {} : jsonOf(typedParameters(given, flow.parameterSchema, flow.parameterNames)),
    parameter_openapi_schema: schemaOf(flow),
    enforce_parameter_schema: flow.parameterSchema !== null,
    schedules: scheduleEntries(options),
    work_pool_name: options.pool ?? DEFAULT_POOL,
    work_queue_name: options.workQueue ?? DEFAULT_QUEUE,
    concurrency_limit: options.concurrencyLimit,
    concurrency_key: options.concurrencyKey ?? said.concurrency_key,
    on_crash: options.onCrash ?? said.on_crash,
  });
  const file = resolve(base, options.file ?? fileNameOf(flow.flowName));
  const text = writeDeploymentFile(fields, found, relative(base, file));
  await refuseWhatCannotBeApplied(text, file);
  keepWhatIsThere(file, text, options.overwrite === true);
  write(file, text);
  printResult(terminal, options.output, { file, deployment: fields }, () =>
    [
      `Wrote ${relative(base, file)}: the deployment "${fields.name}" of the flow "${fields.flow_name}".`,
      `Look it over, then: ostinato deployment apply ${pathWord(relative(base, file))}`,
    ].join('\n'),
  );
  endLingering(terminal, null);
}

function fileNameOf(flowName: string): string {
  return `${flowName.replaceAll(FILE_NAME_SIGNS, '-').replace(/^[-.]+/, '') || 'flow'}-deployment.yaml`;
}

/** As JSON says them: a date as text. */
function jsonOf(values: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(values, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Record<string, unknown>;
}

function withoutAbsent(fields: { readonly [Name in keyof DeploymentFile]: DeploymentFile[Name] | undefined }) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as DeploymentFile;
}

/** Wrong schedules and parameters of the options are told now, not when the file is applied. */
async function refuseWhatCannotBeApplied(text: string, file: string): Promise<void> {
  const read = readDeploymentFile(text, createClock().now());
  const complaints = read.fields === null ? read.complaints : await checkFlow(read.fields, file, read.placeOf);
  if (!('flow' in complaints)) throw refuseFile(complaints, null);
}

function keepWhatIsThere(file: string, text: string, mayOverwrite: boolean): void {
  if (mayOverwrite || !existsSync(file) || readFileSync(file, 'utf8') === text) return;
  throw new OstinatoError('conflict', `${basename(file)} is there already, and says something else.`, {
    remedy: 'Write to another file with --file FILE, or replace it with --overwrite.',
  });
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw diskError(error, 'write the file of the deployment', file);
  }
}
