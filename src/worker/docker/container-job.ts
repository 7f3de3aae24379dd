/**
 * A container as the job of a worker: what it writes, how it ends, and that nothing of it is left.
 *
 * 1. An engine that is away for a while is waited for: its containers go on meanwhile, or it tells how they ended.
 * 2. Output that broke off is read again from the beginning, without the lines that were heard.
 * 3. It is removed when its output was read, or a while later.
 */

import { OstinatoError } from '../../core/errors.ts';
import { LOG_LEVELS } from '../../core/log.ts';
import { sleep, type Clock, type Instant } from '../../core/time.ts';
import type { OutputStream } from '../../platform/child-group.ts';
import { EngineOutput } from '../../platform/engine-output.ts';
import type { JobEnd, JobHearing, JobUse, RunningJob } from '../infrastructure.ts';
import type { ContainerState, DockerEngine } from './engine.ts';

const AGAIN_MS = 1000;
/** For the rest of the output of a container that has ended. */
const READ_MS_MAX = 5000;
/** Lines that are shown of a container that failed and was not followed. */
const TAIL_LINES = 20;
const SIGNALS_FROM = 128;

export interface ContainerParts {
  readonly engine: DockerEngine;
  readonly clock: Clock;
  readonly id: string;
  readonly name: string;
  readonly hearing: JobHearing;
  /** What it wrote later is heard; `null`: all. */
  readonly since: Instant | null;
  readonly isStreamed: boolean;
  readonly isRemoved: boolean;
}

export function containerJob(parts: ContainerParts): RunningJob {
  const { engine, clock, id, name, hearing, isStreamed, isRemoved } = parts;
  const over = new AbortController();
  const following = isStreamed ? follow(parts, over.signal) : Promise.resolve();
  let isKilled = false;
  const ended = watchEnd(parts, () => isKilled);
  const read = ended.then(async ({ exitCode }) => {
    if (!isStreamed && exitCode !== 0) await readOnce(parts, { tail: String(TAIL_LINES) });
    const late = new AbortController();
    await Promise.race([following, sleep(clock, READ_MS_MAX, late.signal).catch(() => {})]);
    late.abort();
    over.abort();
  });
  const use = useOf(parts);
  return {
    place: `${engine.address}:${id}`,
    name: `container ${name}`,
    facts: { container: id, container_name: name, engine: engine.address },
    ended,
    read,
    use,
    signal(signal) {
      isKilled ||= signal === 'SIGKILL';
      // Asked again where it goes on.
      engine.kill(id, signal).catch((error: unknown) => {
        if (!OstinatoError.is(error)) throw error;
        hearing.say(LOG_LEVELS.warning, `The container could not be sent ${signal}: ${error.message}`);
      });
    },
    async clear() {
      await read;
      try {
        if (isRemoved) await engine.remove(id);
        else await engine.kill(id, 'SIGKILL');
        return [];
      } catch (error) {
        if (!OstinatoError.is(error)) throw error;
        return [`container ${name} (${error.message})`];
      }
    },
  };
}

/** Until the engine has said that it runs no longer. @param isKilled whether this worker has killed it */
async function watchEnd({ engine, clock, id, hearing }: ContainerParts, isKilled: () => boolean): Promise<JobEnd> {
  let isAway = false;
  for (;;) {
    try {
      await engine.wait(id);
      const state = await engine.inspect(id);
      if (state === null) return endOf(null, 'Somebody else has removed it.');
      if (!state.isRunning) {
        return endOf(state.exitCode, reasonOf(state, isKilled()));
      }
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      if (!isAway) hearing.say(LOG_LEVELS.warning, `${error.message} It is waited for.`);
      isAway = true;
    }
    await sleep(clock, AGAIN_MS);
  }
}

function endOf(exitCode: number | null, reason: string | null): JobEnd {
  return { exitCode, signal: null, problem: null, reason };
}

/** @param isKilled by this worker */
function reasonOf({ exitCode, isOutOfMemory, memoryMax, error }: ContainerState, isKilled: boolean): string | null {
  const limit = memoryMax === null ? '' : ` (job variable mem_limit: ${Math.round(memoryMax / 1e6)} MB)`;
  if (isOutOfMemory) return `It needed more memory than it may use${limit}.`;
  if (error !== '') return error;
  if (exitCode === SIGNALS_FROM + 15) return 'That is the signal SIGTERM.';
  if (exitCode !== SIGNALS_FROM + 9) return null;
  if (isKilled || memoryMax === null) return 'That is the signal SIGKILL.';
  return `That is the signal SIGKILL, by which a container ends, too, that needs more memory than it may use${limit}.`;
}

async function follow(parts: ContainerParts, over: AbortSignal): Promise<void> {
  const { clock, engine, id, hearing, since } = parts;
  const heard = { stdout: 0, stderr: 0 };
  while (!over.aborted) {
    const again = { ...heard };
    const output = new EngineOutput((line, stream: OutputStream) => {
      if (over.aborted) return;
      if (again[stream] > 0) again[stream] -= 1;
      else {
        heard[stream] += 1;
        hearing.onLine(line, stream);
      }
    });
    try {
      const query = { follow: '1', ...(since === null ? {} : { since: secondsOf(since) }) };
      await engine.logs(id, query, (bytes) => output.take(bytes));
      output.end();
      if (!((await engine.inspect(id))?.isRunning ?? false)) return;
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
    }
    await sleep(clock, AGAIN_MS, over).catch(() => {});
  }
}

async function readOnce(
  { engine, id, hearing }: ContainerParts,
  query: Readonly<Record<string, string>>,
): Promise<void> {
  const output = new EngineOutput((line, stream) => hearing.onLine(line, stream));
  try {
    await engine.logs(id, query, (bytes) => output.take(bytes));
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
  }
  output.end();
}

/** Seconds, with parts of them. */
function secondsOf(instant: Instant): string {
  return (instant / 1e6).toFixed(6);
}

/** One question at a time: some engines take a second to answer. */
function useOf({ engine, id }: ContainerParts): () => Promise<JobUse | null> {
  let peakBytes = 0;
  let asking: Promise<JobUse | null> | null = null;
  const ask = async (): Promise<JobUse | null> => {
    try {
      const stats = await engine.stats(id);
      const memory = (stats?.['memory_stats'] ?? {}) as { readonly usage?: unknown; readonly max_usage?: unknown };
      const cpu = (stats?.['cpu_stats'] ?? {}) as { readonly cpu_usage?: { readonly total_usage?: unknown } };
      const nanoseconds = cpu.cpu_usage?.total_usage;
      const bytes = Math.max(Number(memory.usage ?? 0), Number(memory.max_usage ?? 0));
      if (typeof nanoseconds !== 'number' || !(bytes > 0)) return null;
      peakBytes = Math.max(peakBytes, bytes);
      return { peakBytes, cpuSeconds: Math.round(nanoseconds / 1e7) / 100 };
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      return null;
    } finally {
      asking = null;
    }
  };
  return () => (asking ??= ask());
}
