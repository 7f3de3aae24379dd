/** Whether what a deployment's file says of its flow is so: the flow is there, and takes the parameters. */

import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { OstinatoError } from '../../core/errors.ts';
import { parameterSlips } from '../../sdk/parameter-slips.ts';
import { readExportedFlows, type ExportedFlow } from '../../sdk/flow-file.ts';
import { chooseFlow } from '../choose-flow.ts';
import { locateFlowFile } from '../flow-file-place.ts';
import { loadFailure } from '../load-failure.ts';
import { createClock } from '../../platform/clock.ts';
import type { WantedSchedule } from '../../client/control/apply-deployment.ts';
import { withCalendars } from './exclude.ts';
import type { DeploymentFile, ScheduleEntry } from './fields.ts';
import type { ReadFile } from './read-file.ts';
import { scheduleOf } from './wrong-schedules.ts';
import type { Complaint } from './written-document.ts';

export interface CheckedFile {
  readonly fields: DeploymentFile;
  /** Absolute: the folder that its runs begin in. */
  readonly path: string;
  readonly flow: ExportedFlow;
  /** With what their calendars have in them. `undefined`: the file does not speak of schedules. */
  readonly schedules: readonly WantedSchedule[] | undefined;
}

/** @param file absolute */
export async function checkFlow(
  fields: DeploymentFile,
  file: string,
  placeOf: ReadFile['placeOf'],
): Promise<CheckedFile | readonly Complaint[]> {
  const path = resolve(dirname(file), fields.path ?? '.');
  const at = (...steps: readonly (string | number)[]) => placeOf(steps);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    return [{ ...at('path'), message: `There is no folder ${path}.`, advice: 'Name the folder of the flow.' }];
  const found = await findFlow(fields.entrypoint, path);
  if (OstinatoError.is(found))
    return [{ ...at('entrypoint'), message: oneSentence(found.message), advice: found.remedy }];
  const { flowName } = found.flow;
  const complaints: Complaint[] = [];
  if (flowName !== fields.flow_name) {
    const message = `The flow at ${fields.entrypoint} is called "${flowName}", not "${fields.flow_name}".`;
    complaints.push({ ...at('flow_name'), message, advice: `Write: flow_name: ${flowName}` });
  }
  complaints.push(...(await wrongParameters(found, fields.parameters ?? {}, {}, ['parameters'], placeOf)));
  for (const [index, { parameters }] of (fields.schedules ?? []).entries())
    if (parameters !== undefined)
      complaints.push(
        ...(await wrongParameters(
          found,
          parameters,
          fields.parameters ?? {},
          ['schedules', index, 'parameters'],
          placeOf,
        )),
      );
  const now = createClock().now();
  const reading = { folder: dirname(file), placeOf, now, scheduleOf: (entry: ScheduleEntry) => scheduleOf(entry, now) };
  const read = await withCalendars(fields.schedules ?? [], reading);
  complaints.push(...read.complaints);
  return complaints.length > 0
    ? complaints
    : { fields, path, flow: found, schedules: fields.schedules && read.schedules };
}

/** The export of a file, as `ostinato run` finds it. */
async function findFlow(entrypoint: string, base: string): Promise<ExportedFlow | OstinatoError> {
  try {
    return await loadFlow(entrypoint, base);
  } catch (error) {
    if (OstinatoError.is(error)) return error;
    throw error;
  }
}

/** @throws what is wrong with the word, the file or the export */
export async function loadFlow(entrypoint: string, base: string): Promise<ExportedFlow> {
  const { path, exportName } = locateFlowFile(entrypoint, base);
  const flows = await readExportedFlows(path).catch((error: unknown) => {
    throw loadFailure(path, error);
  });
  return chooseFlow(flows, exportName, path);
}

/** Of many lines, those that say what is wrong. */
function oneSentence(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

/** @param below what it stands over: of the deployment, for a schedule's own */
async function wrongParameters(
  { flow }: ExportedFlow,
  given: Readonly<Record<string, unknown>>,
  below: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  placeOf: ReadFile['placeOf'],
): Promise<Complaint[]> {
  const slips = await parameterSlips(flow, given, below);
  return slips.map(({ steps, message, advice }) => ({ ...placeOf([...path, ...steps]), message, advice }));
}
