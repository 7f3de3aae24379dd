/** Calling `task.map(…)`: makes the future of the fan-out and starts it. */

import type { TaskDefinition } from './definitions.ts';
import { tagsOf } from './call-task.ts';
import { currentDoor } from './door.ts';
import { MapFuture, runMap, type MapOptions } from './map.ts';
import { isHeldBack } from './registry.ts';
import { currentFrame, surroundingTags } from './run-context.ts';

/** @param below the wrapper that the user called: its caller is the call site of every item */
export function mapTask(definition: TaskDefinition, items: unknown, options: MapOptions, below: (...args: never[]) => unknown): MapFuture<unknown> {
  const frame = currentFrame() ?? null;
  const door = frame ? frame.scope.ports : currentDoor();
  const site = door.callSites.capture(below);
  const mapId = frame?.scope.flow?.nextMapId(definition.taskKey) ?? `${definition.taskKey}-${door.ids.next()}`;
  const future = new MapFuture<unknown>(`${definition.name} (mapped)`, mapId, door.clock);
  const tags = tagsOf(definition, frame?.tags ?? surroundingTags());
  if (isHeldBack(`Task "${definition.name}"`, frame !== null)) return future;
  if (frame) {
    void runMap({ definition, future, site, frame, ports: frame.scope.ports, options, tags }, items);
  } else {
    void Promise.resolve(currentDoor().open()).then(
      async (ports) => {
        await runMap({ definition, future, site, frame, ports, options, tags }, items);
        await ports.recorder.flush();
      },
      (error: unknown) => future.settle({ ok: false, error }, undefined as never),
    );
  }
  return future;
}
