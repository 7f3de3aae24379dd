/** A file that defines flows: loads its definitions, or runs it as a program. */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { isSeveral } from '../engine/alike.ts';
import { offerForAdoption, watchRoots } from '../engine/adoption.ts';
import type { FlowFuture } from '../engine/future.ts';
import { awaitDefinition, findFlow, listFlows, listTasks, setLoadMode, whyUnreached } from '../engine/registry.ts';
import { createClock } from '../platform/clock.ts';
import { importModule, loadedFiles, type ImportedModule } from '../platform/user-modules.ts';
import { watchNow } from '../platform/watchdog.ts';
import { askedParameters } from './asked-parameters.ts';
import { isFlow, type AskedRun, type Flow } from './flow.ts';

export type AnyFlow = Flow<unknown, unknown>;

export interface ExportedFlow {
  readonly exportName: string;
  readonly flow: AnyFlow;
}

/**
 * The flows that a file exports. Calls at its top level start nothing, and what comes after an awaited one is not
 * looked at.
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

export const UNREACHED_REMEDY =
  'Define the flow above that line or in a file of its own, or put what is awaited there into a flow.';

const loads = new Map<string, Promise<unknown>>();

function load(path: string): ImportedModule {
  // Whoever started the command sends it signals from the beginning: a worker, a script.
  watchNow();
  const module = importModule(path);
  loads.set(path, module.finished);
  return module;
}

/**
 * Why a flow may be missing in a file that was read for its definitions: its module stopped at a held-back call above
 * the definition. `null`: the file was read to its end.
 */
export function whyFlowUnreached(path: string): string | null {
  const loaded = loads.get(path);
  return loaded === undefined ? null : whyUnreached(loaded);
}

/** Starts this call of the flow, and no other, in a process that has loaded the file for its definitions. */
export function startFlow(flow: AnyFlow, parameters: unknown): FlowFuture<unknown> {
  setLoadMode('normal');
  try {
    return (flow as unknown as (given: unknown) => FlowFuture<unknown>)(parameters);
  } finally {
    setLoadMode('library');
  }
}

/** Begins a run that was asked for over the API, in a process that has loaded the file for its definitions. */
export function startAsked(flow: AnyFlow, run: FlowRun, asked: AskedRun): ContinuedRun {
  return { future: flow.continueRun(run, asked) };
}

export interface RunningProgram {
  /** Rejects with the error that the program threw. */
  readonly finished: ImportedModule['finished'];
  /** The root runs that it has started, oldest first. */
  readonly runs: readonly FlowFuture<unknown>[];
}

/** Runs the file as a program: calls at its top level run. @param path absolute */
export function startProgram(path: string): RunningProgram {
  const runs: FlowFuture<unknown>[] = [];
  watchRoots((future) => runs.push(future));
  watchNow();
  return { finished: importModule(path).finished, runs };
}

export function flowsOf(exports: Readonly<Record<string, unknown>>): readonly ExportedFlow[] {
  const flows = Object.entries(exports).flatMap(([exportName, value]) =>
    isFlow(value) ? [{ exportName, flow: value }] : [],
  );
  // `export default` of a flow that is also exported by name is not a second flow.
  return flows.filter(
    ({ exportName, flow }) =>
      exportName !== 'default' || !flows.some((other) => other.exportName !== 'default' && other.flow === flow),
  );
}

/** Names of the flows that this process has defined in the file, exported or not. */
export function definedFlowNames(path: string): readonly string[] {
  return listFlows(path).map(({ definition }) => definition.name);
}

/** How the flow of a recorded run is found: by the name of its export, or by the name of the flow. */
export interface FlowChoice {
  readonly path: string;
  readonly exportName: string | null;
  readonly flowName: string;
  /** Of the flow that the run is of: tells apart flows of one name. */
  readonly version: string | null;
}

/** Wrapped in an object, because awaiting a future means waiting for the run's result. */
export interface ContinuedRun {
  readonly future: FlowFuture<unknown>;
}

/**
 * Continues a recorded run: either the file's own top-level call becomes that run, or the flow is called with the
 * recorded parameters. `null` when the file does not define the flow.
 */
export async function continueRun(run: FlowRun, choice: FlowChoice): Promise<ContinuedRun | null> {
  setLoadMode('library');
  const adopted = Promise.withResolvers<ContinuedRun>();
  const withdraw = offerForAdoption({
    flowRunId: run.id,
    flowName: run.flowName,
    version: run.flowVersion,
    onAdopted: (future) => adopted.resolve({ future }),
  });
  const found = awaitFlow(choice).then((flow) => flow ?? null);
  const first = await Promise.race([adopted.promise, found]);
  withdraw();
  return isFlow(first) ? startAsked(first, run, { parameters: askedParameters(run, first), handedOver: null }) : first;
}

/** What the current code of a flow's file says, for the plan of a retry. */
export interface DefinitionsNow {
  readonly flow: AnyFlow;
  /** Source hashes by task key; the key of a subflow is `flow:NAME`. */
  readonly sourceHashes: ReadonlyMap<string, readonly string[]>;
  /** Keys of tasks of which the code makes several that look the same. */
  readonly severalKeys: ReadonlySet<string>;
  /** Absolute paths of the user's files that the program consists of, without packages. */
  readonly files: readonly string[];
}

/** Reads the definitions without starting anything. `null` when the file does not define the flow. */
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

/** @throws `conflict` where several flows may be meant */
async function awaitFlow({ path, exportName, flowName, version }: FlowChoice): Promise<AnyFlow | undefined> {
  const module = load(path);
  const find = (): AnyFlow | undefined => {
    const exported = flowsOf(module.exportsNow());
    if (exportName !== null) return exported.find((candidate) => candidate.exportName === exportName)?.flow;
    const ofName = exported.map(({ flow }) => flow).filter((flow) => flow.flowName === flowName);
    const defined = findFlow(flowName, path, version)?.callable;
    if (isFlow(defined)) ofName.push(defined);
    return ofName.find(({ definition }) => definition.version === version) ?? ofName[0];
  };
  const found = await awaitDefinition(module.finished, find, createClock());
  if (found === undefined || exportName !== null || !isSeveral(found.definition.alike)) return found;
  throw new OstinatoError(
    'conflict',
    `${path} makes several flows "${flowName}" from one source, and nothing tells which of them the run is of.`,
    { remedy: `Name the export: --entrypoint ${path}:EXPORT. Give each flow a name of its own.` },
  );
}
