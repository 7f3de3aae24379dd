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
import { exitReasonPath } from '../platform/exit-reason.ts';
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

/**
 * Tasks of one flow run in flight unless the setting or its runner says otherwise: enough for work that waits, without
 * overloading what it waits for.
 */
const DEFAULT_CONCURRENCY = 100;

let opening: Promise<EnginePorts> | undefined;
let opened: EnginePorts | undefined;
let installed = false;
let recordedAt: string | null = null;

const door: EngineDoor = {
  ids,
  clock,
  callSites: { capture: captureCallSite },
  open: () =>
    opened ??
    (opening ??= open().then(
      (ports) => (opened = ports),
      (error: unknown) => {
        opening = undefined;
        throw withoutStack(error);
      },
    )),
};

/** Removes the stack of errors about the home: where our code found them does not help the user who set it. */
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

/** The ports of the surrounding engine, or of the process's own, which is opened when needed. */
export async function currentPorts(): Promise<EnginePorts> {
  const frame = currentFrame();
  if (frame) return frame.scope.ports;
  ensureDoor();
  return await currentDoor().open();
}

/**
 * The runs of this process are recorded there, where the settings name no server.
 *
 * @throws `conflict` for a program that has begun to record elsewhere
 */
export function recordAt(apiUrl: string): void {
  if (recordedAt === apiUrl) return;
  if (opening !== undefined)
    throw new OstinatoError('conflict', 'This program has run something before it serves, without its server.', {
      remedy: `Say from the beginning where it is: export OSTINATO_API_URL=${apiUrl}`,
    });
  recordedAt = apiUrl;
}

async function open(): Promise<EnginePorts> {
  guardStandardStreams();
  const { values } = resolveSettings();
  const report = new ConsoleReport(stderrTarget(), LOG_LEVELS[values.logLevel]);
  const observers: readonly RunObserver[] = [
    report,
    { endUnrecorded: (_run, { exitCode }) => void (process.exitCode = exitCode) },
  ];
  const process_ = {
    ...describeThisProcess(),
    id: ids.next<ProcessId>(),
    command: process.argv.slice(1).join(' '),
    startedAt: clock.now(),
    heartbeatAt: clock.now(),
  };
  const request: RecordingRequest = {
    values,
    clock,
    ids,
    processId: process_.id,
    onNotice: (level, message) => report.noticed(level, message),
    onProblem: (error) => report.noticed(LOG_LEVELS.error, `${error.message} ${error.remedy}`.trim()),
    onRecovered: () => report.noticed(LOG_LEVELS.info, 'The store takes records again; nothing was lost.'),
  };
  const apiUrl = values.apiUrl ?? recordedAt;
  const recording = apiUrl === null ? await recordEmbedded(request) : await recordOverHttp(request, apiUrl);
  const { client, recorder } = recording;
  const ports: EnginePorts = {
    client,
    recorder,
    clock,
    ids,
    random: systemRandom,
    hash: hashText,
    largeParts: createLargeParts(),
    callSites: { capture: captureCallSite },
    process: process_,
    isolates: isolateHost(),
    settings: {
      durability: values.durability,
      concurrency: values.runnerConcurrency ?? DEFAULT_CONCURRENCY,
      cancelGraceSeconds: 10,
      captureConsole: values.logCaptureConsole,
      logLevel: LOG_LEVELS[values.logLevel],
      persistResults: values.resultsPersist,
    },
    observers,
  };
  // Called even when the setting is off: a flow or task may turn it on.
  captureConsole();
  attend(ports, recording, exitReasonPath(journalsPath(values.home), process_.id));
  return ports;
}

/** Soon after its first run begins the process handles signals, until its end; it reports why it ends too early. */
function attend(ports: EnginePorts, recording: Recording, exitReason: string): void {
  const guard = guardExits(ports, exitReason);
  const end = async (): Promise<void> => {
    interrupts.ending();
    await close(ports, recording);
    interrupts.off();
    guard.off();
    process.off('beforeExit', onIdle);
  };
  const onIdle = (): void => {
    if (!guard.endHopeless()) void end();
  };
  const interrupts = handleInterrupts({ ports, close: end, guard, exitReason });
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
    // The recorder has reported the problem; the next process that looks deletes the row of this one.
    if (!OstinatoError.is(error)) throw error;
  }
}
