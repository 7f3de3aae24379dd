/** A file that defines flows: loads it for its definitions, or runs it as the program that it is. */

import type { FlowRun } from '../core/flow-run.ts';
import { isSeveral } from '../engine/alike.ts';
import { offerForAdoption, watchRoots } from '../engine/adoption.ts';
import type { FlowFuture } from '../engine/future.ts';
import { awaitDefinition, findFlow, listFlows, listTasks, setLoadMode, whyUnreached } from '../engine/registry.ts';
import { createClock } from '../platform/clock.ts';
import { importModule, loadedFiles, type ImportedModule } from '../platform/user-modules.ts';
import { isFlow, type Flow } from './flow.ts';

export type AnyFlow = Flow<unknown, unknown>;

export interface ExportedFlow {
  readonly exportName: string;
  readonly flow: AnyFlow;
}

/**
 * The flows that a file exports. Calls at its top level start nothing, and what comes after an awaited one is not looked at.
 *
 * @param path absolute. @throws what the file threw, or why it could not be loaded
 */
export async function readExportedFlows(path: string): Promise<readonly ExportedFlow[]> {
  setLoadMode('library');
  const module = load(path);
  const found = (): readonly ExportedFlow[] | undefined => {
    const flows = flowsOf(module.exportsNow());
    return flows.length === 0 ? undefined : flows;
  };
  return (await awaitDefinition(module.finished, found, createClock())) ?? [];
}

export const UNREACHED_REMEDY = 'Define the flow above that line or in a file of its own, or put what is awaited there into a flow.';

const loads = new Map<string, Promise<unknown>>();

function load(path: string): ImportedModule {
  const module = importModule(path);
  loads.set(path, module.finished);
  return module;
}

/** Why a flow may be missing in a file that was read for its definitions: its module stands at a call above. `null`: it was read to its end. */
export function whyFlowUnreached(path: string): string | null {
  const loaded = loads.get(path);
  return loaded === undefined ? null : whyUnreached(loaded);
}

/** Starts this call of the flow, and no other, in a process that has loaded its file for the definitions. */
export function startFlow(flow: AnyFlow, parameters: unknown): FlowFuture<unknown> {
  setLoadMode('normal');
  try {
    return (flow as unknown as (given: unknown) => FlowFuture<unknown>)(parameters);
  } finally {
    setLoadMode('library');
  }
}

export interface RunningProgram {
  /** Rejects with what the program threw. */
  readonly finished: ImportedModule['finished'];
  /** The runs that it has started outside any other, oldest first. */
  readonly runs: readonly FlowFuture<unknown>[];
}

/** Runs the file as it is: calls at its top level run. @param path absolute */
export function startProgram(path: string): RunningProgram {
  const runs: FlowFuture<unknown>[] = [];
  watchRoots((future) => runs.push(future));
  return { finished: importModule(path).finished, runs };
}

export function flowsOf(exports: Readonly<Record<string, unknown>>): readonly ExportedFlow[] {
  const flows = Object.entries(exports).flatMap(([exportName, value]) => (isFlow(value) ? [{ exportName, flow: value }] : []));
  // `export default` of a flow that is exported by name, too, is no second flow.
  return flows.filter(({ exportName, flow }) => exportName !== 'default' || !flows.some((other) => other.exportName !== 'default' && other.flow === flow));
}

/** Names of the flows that this process has defined in the file, exported or not. */
export function definedFlowNames(path: string): readonly string[] {
  return listFlows(path).map(({ definition }) => definition.name);
}

/** Which flow a recorded run belongs to: by the name that a file exports it under, or by the name of the flow. */
export interface FlowChoice {
  readonly path: string;
  readonly exportName: string | null;
  readonly flowName: string;
}

/** In an object, since a future is a promise of its result: answering it bare would wait for the run. */
export interface ContinuedRun {
  readonly future: FlowFuture<unknown>;
}

/**
 * Goes on with a recorded run: either the file's own top-level call becomes that run, or the flow is called with what is
 * recorded. `null` when the file does not define the flow.
 */
export async function continueRun(run: FlowRun, choice: FlowChoice): Promise<ContinuedRun | null> {
  setLoadMode('library');
  const adopted = Promise.withResolvers<ContinuedRun>();
  const withdraw = offerForAdoption({ flowRunId: run.id, flowName: run.flowName, onAdopted: (future) => adopted.resolve({ future }) });
  const found = awaitFlow(choice).then((flow) => flow ?? null);
  const first = await Promise.race([adopted.promise, found]);
  withdraw();
  return isFlow(first) ? { future: first.continueRun(run) } : first;
}

/** What the code of a flow's file says now, for a plan of what a retry would do. */
export interface DefinitionsNow {
  readonly flow: AnyFlow;
  /** Source hashes by task key; the key of a subflow is `flow:NAME`. */
  readonly sourceHashes: ReadonlyMap<string, readonly string[]>;
  /** Keys of which the code makes several that look the same. */
  readonly severalKeys: ReadonlySet<string>;
  /** Absolute paths of the user's files that make the program up, packages apart. */
  readonly files: readonly string[];
}

/** Starts nothing. `null` when the file does not define the flow. */
export async function readDefinitions(choice: FlowChoice): Promise<DefinitionsNow | null> {
  setLoadMode('library');
  const flow = await awaitFlow(choice);
  if (flow === undefined) return null;
  const sourceHashes = new Map<string, string[]>();
  const add = (key: string, hash: string): void => {
    const hashes = sourceHashes.get(key);
    if (hashes === undefined) sourceHashes.set(key, [hash]);
    else hashes.push(hash);
  };
  const severalKeys = new Set<string>();
  for (const { taskKey, sourceHash, alike } of listTasks()) {
    add(taskKey, sourceHash);
    if (isSeveral(alike)) severalKeys.add(taskKey);
  }
  for (const { definition } of listFlows()) {
    const key = `flow:${definition.name}`;
    add(key, definition.version);
    if (isSeveral(definition.alike)) severalKeys.add(key);
  }
  return { flow, sourceHashes, severalKeys, files: loadedFiles() };
}

function awaitFlow({ path, exportName, flowName }: FlowChoice): Promise<AnyFlow | undefined> {
  const module = load(path);
  const find = (): AnyFlow | undefined => {
    const exported = flowsOf(module.exportsNow());
    if (exportName !== null) return exported.find((candidate) => candidate.exportName === exportName)?.flow;
    const byName = exported.find(({ flow }) => flow.flowName === flowName)?.flow;
    const defined = findFlow(flowName, path)?.callable;
    return byName ?? (isFlow(defined) ? defined : undefined);
  };
  return awaitDefinition(module.finished, find, createClock());
}
