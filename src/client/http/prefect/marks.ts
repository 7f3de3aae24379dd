/** Fields that Prefect's server does not have are stored in labels, where other processes of ours find them. */

import type { Entrypoint, FlowRun, Labels } from '../../../core/flow-run.ts';
import type { CreateFlowRun } from '../../../core/flow-run-request.ts';
import { contentHash, type ValueRef } from '../../../core/value.ts';
import { DURABILITIES, type Durability } from '../../../core/durability.ts';
import type { FlowRunId } from '../../../core/ids.ts';
import type { TaskRun } from '../../../core/task-run.ts';
import { number, text, type Wire } from './fields.ts';

const RUN_ID = 'ostinato.run-id';
const RESUME = 'ostinato.resume';
const DURABILITY = 'ostinato.durability';
const FILE = 'ostinato.entrypoint.file';
const EXPORT = 'ostinato.entrypoint.export';
const PARAMETERS = 'ostinato.parameters';
const STORED = 'ostinato.parameters.stored';
const STEP = 'ostinato.step';
const CALL_SITE = 'ostinato.call-site';
const SOURCE = 'ostinato.source-hash';
const MAP = 'ostinato.map';
const ITEM = 'ostinato.map.item';
const DESCRIPTION = 'ostinato.description';
const VERSION = 'ostinato.version';
const PARTICIPATION = 'ostinato.participation';

export function flowRunLabels(request: CreateFlowRun): Labels {
  return {
    ...request.labels,
    [RUN_ID]: request.id,
    [RESUME]: request.policy.resume,
    [DURABILITY]: request.durability,
    ...parameterLabels(request.parameters),
    ...entrypointLabels(request.entrypoint),
  };
}

function parameterLabels(parameters: ValueRef): Labels {
  const hash = contentHash(parameters);
  return {
    ...(hash === null ? {} : { [PARAMETERS]: hash }),
    ...(parameters.kind === 'stored' ? { [STORED]: parameters.bytes } : {}),
  };
}

/** Values of our own processes are decoded exactly; of parameters that others gave only the JSON is known. */
export function parametersFrom(labels: Wire, json: string): ValueRef {
  const hash = text(labels[PARAMETERS]);
  const bytes = number(labels[STORED]);
  if (hash === null) return { kind: 'foreign', text: json };
  return bytes === null ? { kind: 'inline', text: json, hash } : { kind: 'stored', key: hash, hash, bytes };
}

export function entrypointLabels(entrypoint: Entrypoint | null): Labels {
  if (entrypoint === null) return {};
  return { [FILE]: entrypoint.file, ...(entrypoint.exportName === null ? {} : { [EXPORT]: entrypoint.exportName }) };
}

/** Our id of the run, as the process that created it knows it. */
export function ownRunId(labels: Wire): FlowRunId | null {
  return text(labels[RUN_ID]) as FlowRunId | null;
}

export function flowRunFacts(
  labels: Wire,
): Pick<FlowRun, 'durability' | 'entrypoint'> & { readonly resume: 'manual' | 'automatic' } {
  const file = text(labels[FILE]);
  return {
    resume: labels[RESUME] === 'automatic' ? 'automatic' : 'manual',
    durability: durabilityFrom(labels),
    entrypoint: file === null ? null : { file, exportName: text(labels[EXPORT]) },
  };
}

function durabilityFrom(labels: Wire): Durability {
  return DURABILITIES.find((word) => word === labels[DURABILITY]) ?? 'process';
}

export function taskRunLabels({
  step,
  callSite,
  sourceHash,
  durability,
  mapId,
  item,
  about,
  participation,
}: TaskRun): Labels {
  return {
    [STEP]: step,
    [CALL_SITE]: callSite,
    [SOURCE]: sourceHash,
    [DURABILITY]: durability,
    ...(mapId === null ? {} : { [MAP]: mapId }),
    ...(item === undefined ? {} : { [ITEM]: JSON.stringify([item.index, item.input]) }),
    ...(about?.version === undefined ? {} : { [VERSION]: about.version }),
    ...(about?.description === undefined ? {} : { [DESCRIPTION]: about.description }),
    // As of the recorded state: decisions between two states are not sent to the server.
    ...(participation === undefined ? {} : { [PARTICIPATION]: JSON.stringify(participation) }),
  };
}

export function taskRunFacts(
  labels: Wire,
): Pick<TaskRun, 'step' | 'callSite' | 'sourceHash' | 'durability' | 'mapId' | 'item' | 'about' | 'participation'> {
  const participation = text(labels[PARTICIPATION]);
  const [version, description] = [text(labels[VERSION]), text(labels[DESCRIPTION])];
  return {
    step: text(labels[STEP]) ?? '',
    callSite: text(labels[CALL_SITE]) ?? '',
    sourceHash: text(labels[SOURCE]) ?? '',
    durability: durabilityFrom(labels),
    mapId: text(labels[MAP]),
    ...itemFrom(text(labels[ITEM])),
    ...(version === null && description === null
      ? {}
      : { about: { ...(version === null ? {} : { version }), ...(description === null ? {} : { description }) } }),
    ...(participation === null ? {} : { participation: JSON.parse(participation) as TaskRun['participation'] }),
  };
}

function itemFrom(mark: string | null): Pick<TaskRun, 'item'> {
  if (mark === null) return {};
  const [index, input] = JSON.parse(mark) as [number, string | null];
  return { item: { index, input } };
}

/** The user's labels, without ours. */
export function withoutMarks(labels: Wire): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('ostinato.'))) as Labels;
}
