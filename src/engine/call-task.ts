/** Calling a task: makes the future, finds the surrounding run, and starts the work. */

import type { TaskRunId } from '../core/ids.ts';
import type { Cancellation } from './cancellation.ts';
import type { TaskDefinition } from './definitions.ts';
import { currentDoor } from './door.ts';
import { TaskFuture } from './future.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import { isHeldBack } from './registry.ts';
import { currentFrame, surroundingTags } from './run-context.ts';
import { runTask } from './run-task.ts';
import { supervisorOf } from './supervisor.ts';
import { Channel, type OnYield } from './stream.ts';

const NO_TAGS: readonly string[] = Object.freeze([]);

/** The future of a generator task: also hands on what is yielded, as it comes. */
export class StreamFuture<T> extends TaskFuture<T[]> implements AsyncIterable<T> {
  readonly #channel = new Channel();

  /** @internal */
  get push(): OnYield {
    return this.#channel.push;
  }

  /** @internal Nobody can read the stream any more: the generator runs to its end. */
  release(): void {
    this.#channel.release();
  }

  override observe(): void {
    super.observe();
    this.#channel.release();
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    super.observe();
    this.onDone(() => {
      this.#channel.end(this.outcome?.ok === false ? { error: this.outcome.error } : undefined);
    });
    return this.#channel[Symbol.asyncIterator]() as AsyncIterator<T>;
  }
}

/** @param below the wrapper that the user called: its caller is the call site */
export function callTask(
  definition: TaskDefinition,
  thisArg: unknown,
  args: readonly unknown[],
  below: (...args: never[]) => unknown,
): TaskFuture<unknown> {
  const frame = currentFrame() ?? null;
  const door = frame ? frame.scope.ports : currentDoor();
  const site = door.callSites.capture(below);
  const id = door.ids.next<TaskRunId>();
  const future = definition.streams
    ? new StreamFuture<unknown>(id, definition.name, door.clock)
    : new TaskFuture<unknown>(id, definition.name, door.clock);
  // A call at the top level of a file that is loaded only for its definitions starts nothing.
  if (isHeldBack(frame !== null, site)) return future;
  if (frame) {
    if (future instanceof StreamFuture) frame.scope.flow?.watchStream(future, frame.scope.cancellation);
    const call = {
      definition,
      thisArg,
      args,
      site,
      future,
      frame,
      tags: tagsOf(definition, frame.tags),
      around: frame.around ?? frame.scope.cancellation,
      mapId: null,
      itemIndex: null,
      mapEdges: null,
      onYield: future instanceof StreamFuture ? future.push : null,
    };
    const work = runTask(call, frame.scope.ports);
    frame.scope.ports.within?.hold(work);
  } else {
    void callOutside(definition, thisArg, args, site, future);
  }
  return future;
}

/** A task outside any flow is a run of its own. */
async function callOutside(
  definition: TaskDefinition,
  thisArg: unknown,
  args: readonly unknown[],
  site: CallSite,
  future: TaskFuture<unknown>,
): Promise<void> {
  const tags = tagsOf(definition, surroundingTags());
  const onYield = future instanceof StreamFuture ? future.push : null;
  try {
    await holdOutside(await currentDoor().open(), (ports, around) =>
      runTask(
        {
          definition,
          thisArg,
          args,
          site,
          future,
          frame: null,
          tags,
          around,
          mapId: null,
          itemIndex: null,
          mapEdges: null,
          onYield,
        },
        ports,
      ),
    );
  } catch (error) {
    future.settle({ ok: false, error }, undefined as never);
  }
}

/**
 * Runs work outside any flow. The process is registered first, so that the run is found Crashed when the process is
 * gone; a process that is asked to stop cancels the work.
 */
export async function holdOutside(
  ports: EnginePorts,
  work: (ports: EnginePorts, around: Cancellation) => Promise<void>,
): Promise<void> {
  const supervisor = supervisorOf(ports);
  await supervisor.register();
  const around = supervisor.enterOutside();
  try {
    await work(ports, around);
    await ports.recorder.flush();
  } finally {
    supervisor.leaveOutside();
  }
}

export function tagsOf(definition: TaskDefinition, around: readonly string[]): readonly string[] {
  const { tags } = definition.options;
  if (!tags || tags.length === 0) return around.length === 0 ? NO_TAGS : around;
  return around.length === 0 ? tags : [...new Set([...around, ...tags])];
}
