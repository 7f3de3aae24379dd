/** Calling `task.map(…)`: makes the future of the fan-out and starts it. */

import { OstinatoError } from '../core/errors.ts';
import type { TaskDefinition } from './definitions.ts';
import { holdOutside, tagsOf } from './call-task.ts';
import { currentDoor } from './door.ts';
import { runMap, type MapOptions } from './map.ts';
import { MapFuture } from './map-future.ts';
import { isHeldBack } from './registry.ts';
import { currentFrame, surroundingTags } from './run-context.ts';

/** @param below the wrapper that the user called: its caller is the call site of every item */
export function mapTask(
  definition: TaskDefinition,
  items: unknown,
  options: MapOptions,
  below: (...args: never[]) => unknown,
): MapFuture<unknown> {
  checkOptions(definition, options);
  const frame = currentFrame() ?? null;
  const door = frame ? frame.scope.ports : currentDoor();
  const site = door.callSites.capture(below);
  const mapId = frame?.scope.flow?.nextMapId(definition.taskKey) ?? `${definition.taskKey}-${door.ids.next()}`;
  const future = new MapFuture<unknown>(`${definition.name} (mapped)`, mapId, door.clock, options.keepValues !== false);
  const tags = tagsOf(definition, frame?.tags ?? surroundingTags());
  if (isHeldBack(frame !== null, site)) return future;
  if (frame) {
    const work = runMap(
      {
        definition,
        future,
        site,
        frame,
        ports: frame.scope.ports,
        options,
        tags,
        around: frame.around ?? frame.scope.cancellation,
      },
      items,
    );
    frame.scope.ports.within?.hold(work);
  } else {
    void mapOutside({ definition, future, site, frame, options, tags }, items);
  }
  return future;
}

/** A fan-out outside any flow: its items are runs of their own. */
async function mapOutside(fan: Omit<Parameters<typeof runMap>[0], 'ports' | 'around'>, items: unknown): Promise<void> {
  try {
    await holdOutside(await currentDoor().open(), (ports, around) => runMap({ ...fan, ports, around }, items));
  } catch (error) {
    fan.future.settle({ ok: false, error }, undefined as never);
  }
}

const OPTIONS: readonly string[] = ['with', 'concurrency', 'keepValues'];

function checkOptions({ name }: TaskDefinition, options: MapOptions): void {
  const { concurrency, with: further } = options;
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined)
    throw new OstinatoError('bad-input', `The option ${unknown} of ${name}.map() is not known.`, {
      remedy: `Known options: ${OPTIONS.join(', ')}.`,
    });
  if (further !== undefined && !Array.isArray(further))
    throw new OstinatoError(
      'bad-input',
      `The option with of ${name}.map() is no list; it must be the list of the arguments after the item.`,
    );
  if (concurrency === undefined || (Number.isInteger(concurrency) && concurrency >= 1)) return;
  throw new OstinatoError(
    'bad-input',
    `The option concurrency of ${name}.map() is ${String(concurrency)}; it must be a whole number, 1 or more.`,
  );
}
