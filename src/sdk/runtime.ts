/**
 * The engine of this process: opened by the first run, closed when the program has nothing left to do.
 *
 * Importing this loads neither database nor server: the composition root is a dynamic import.
 */

import { OstinatoError } from '../core/errors.ts';
import type { ProcessId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { currentDoor, installDoor, type EngineDoor } from '../engine/door.ts';
import type { EnginePorts, RunObserver } from '../engine/ports.ts';
import { currentFrame } from '../engine/run-context.ts';
import { supervisorOf } from '../engine/supervisor.ts';
import { captureCallSite } from '../platform/call-sites.ts';
import { createClock } from '../platform/clock.ts';
import { hashText } from '../platform/hash.ts';
import { createLargeParts } from '../platform/large-parts.ts';
import { journalsPath } from '../platform/home.ts';
import { createIdSource } from '../platform/ids.ts';
import { lastWordsPath } from '../platform/last-words.ts';
import { describeThisProcess } from '../platform/process-liveness.ts';
import { systemRandom } from '../platform/random.ts';
import { resolveSettings } from '../platform/settings.ts';
import { captureConsole } from './console-capture.ts';
import { guardStandardStreams, stderrTarget } from '../platform/terminal.ts';
import { ConsoleReport } from './console-report.ts';
import { guardExits } from './exit-guard.ts';
import { handleInterrupts } from './interrupts.ts';
import { isolateHost } from './isolate-host.ts';
import { recordEmbedded, recordOverHttp, type Recording, type RecordingRequest } from './recording.ts';

const clock = createClock();
const ids = createIdSource();

/** Tasks of one flow run in flight unless the setting or its runner says otherwise: enough for work that waits, kind to what it waits for. */
const DEFAULT_CONCURRENCY = 100;

let opening: Promise<EnginePorts> | undefined;
let opened: EnginePorts | undefined;
let installed = false;

const door: EngineDoor = {
  ids,
  clock,
  callSites: { capture: captureCallSite },
  open: () => opened ?? (opening ??= open().then((ports) => (opened = ports), (error: unknown) => {
    opening = undefined;
    throw withoutStack(error);
  })),
};

/** What is wrong with the home is the matter of whoever set it: where in our code it was found says nothing to them. */
function withoutStack(error: unknown): unknown {
  if (!OstinatoError.is(error)) return error;
  error.stack = `${error.message} ${error.remedy} (${error.code})`;
  if (error.cause instanceof Error) error.cause.stack = error.cause.message;
  return error;
}

/** Called by every definition: a process that defines a flow or task can run it. */
export function ensureDoor(): void {
  if (installed) return;
  installed = true;
  installDoor(door);
}

/** The engine around the caller, or the process's own, opened when needed. */
export async function currentPorts(): Promise<EnginePorts> {
  const frame = currentFrame();
  if (frame) return frame.scope.ports;
  ensureDoor();
  return await currentDoor().open();
}

async function open(): Promise<EnginePorts> {
  guardStandardStreams();
  const { values } = resolveSettings();
  const report = new ConsoleReport(stderrTarget(), LOG_LEVELS[values.logLevel]);
  const observers: readonly RunObserver[] = [report, { endUnrecorded: (_run, { exitCode }) => void (process.exitCode = exitCode) }];
  const process_ = { ...describeThisProcess(), id: ids.next<ProcessId>(), command: process.argv.slice(1).join(' '), startedAt: clock.now(), heartbeatAt: clock.now() };
  const request: RecordingRequest = {
    values, clock, ids, processId: process_.id,
    onNotice: (level, message) => report.noticed(level, message),
    onProblem: (error) => report.noticed(LOG_LEVELS.error, `${error.message} ${error.remedy}`.trim()),
    onRecovered: () => report.noticed(LOG_LEVELS.info, 'The store takes records again; nothing was lost.'),
  };
  const recording = values.apiUrl === null ? await recordEmbedded(request) : await recordOverHttp(request, values.apiUrl);
  const { client, recorder } = recording;
  const ports: EnginePorts = {
    client, recorder, clock, ids, random: systemRandom, hash: hashText, largeParts: createLargeParts(),
    callSites: { capture: captureCallSite }, process: process_, isolates: isolateHost(),
    settings: { durability: values.durability, concurrency: values.runnerConcurrency ?? DEFAULT_CONCURRENCY, cancelGraceSeconds: 10, captureConsole: values.logCaptureConsole, logLevel: LOG_LEVELS[values.logLevel], persistResults: values.resultsPersist },
    observers,
  };
  // Also with the setting off: a flow or task may ask for it.
  captureConsole();
  attend(ports, recording, lastWordsPath(journalsPath(values.home), process_.id));
  return ports;
}

/** From its first run to its end the process hears signals, and tells why it ends too early. */
function attend(ports: EnginePorts, recording: Recording, lastWords: string): void {
  const guard = guardExits(ports, lastWords);
  const end = async (): Promise<void> => {
    await close(ports, recording);
    release();
    guard.off();
    process.off('beforeExit', onIdle);
  };
  const onIdle = (): void => {
    if (!guard.endHopeless()) void end();
  };
  const release = handleInterrupts({ ports, close: end, guard, lastWords });
  process.on('beforeExit', onIdle);
}

async function close(ports: EnginePorts, { catchUp }: Recording): Promise<void> {
  opened = undefined;
  opening = undefined;
  await catchUp();
  await ports.recorder.close();
  try {
    await supervisorOf(ports).close();
    await ports.client.close();
  } catch (error) {
    // The recorder has told the trouble; the row of this process goes when the next one looks.
    if (!OstinatoError.is(error)) throw error;
  }
}

