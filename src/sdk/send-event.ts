/** What `emitEvent(…)` does. */

import type { EventId } from '../core/ids.ts';
import { currentFrame } from '../engine/run-context.ts';
import type { EmitEventOptions, EmittedEvent } from './emit-event.ts';
import { eventOf } from './event-of.ts';
import { relatedToRun } from './run-resources.ts';
import { currentPorts } from './runtime.ts';

export async function sendEvent(options: EmitEventOptions): Promise<EmittedEvent> {
  const ports = await currentPorts();
  const now = ports.clock.now();
  const frame = currentFrame();
  const around = frame === undefined ? undefined : await relatedToRun(frame.scope);
  const { event, emitted } = eventOf(options, now, ports.ids.next<EventId>(), around);
  await ports.client.control.events.emit(event);
  return emitted;
}
