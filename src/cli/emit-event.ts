/** `ostinato event emit`: one event from a shell. */
import { OstinatoError } from '../core/errors.ts';
import { RESOURCE_ID } from '../core/event.ts';
import type { EventId } from '../core/ids.ts';
import { exactValue } from '../core/json-value.ts';
import { heldValue } from '../core/written-number.ts';
import { createIdSource } from '../platform/ids.ts';
import { eventOf } from '../sdk/event-of.ts';
import { refuseRepeatedKeys } from '../sdk/typed-arguments.ts';
import { withClient } from './open-client.ts';
import { printResult, type OutputOptions } from './output.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text-width.ts';

export interface EmitOptions extends OutputOptions {
  readonly resourceId?: string;
  readonly resource?: readonly string[];
  readonly related?: string;
  readonly payload?: string;
  readonly id?: string;
}

type Labels = Readonly<Record<string, string>>;

export async function emit(terminal: Terminal, name: string, options: EmitOptions): Promise<void> {
  const resource = resourceOf(options);
  const related = options.related === undefined ? [] : jsonOf('--related', options.related);
  await withClient(
    terminal,
    async ({ client, clock }) => {
      const { event, emitted } = eventOf(
        {
          event: name,
          resource: resource as Labels & { readonly [RESOURCE_ID]: string },
          related: (Array.isArray(related) ? related : [related]) as never,
          ...(options.payload === undefined ? {} : { payload: jsonOf('--payload', options.payload) as never }),
          ...(options.id === undefined ? {} : { id: options.id }),
        },
        clock.now(),
        createIdSource().next<EventId>(),
      );
      await client.control.events.emit(event);
      printResult(
        terminal,
        options.output,
        { ...emitted, payload: exactValue(event.payload) },
        () => `Event ${oneLine(name)} is told: ${event.id}`,
      );
    },
    { lookAfterLostRuns: false },
  );
}

function resourceOf({ resource = [], resourceId }: EmitOptions): Readonly<Record<string, unknown>> {
  const labels: Record<string, unknown> = {};
  for (const text of resource) {
    const at = text.indexOf('=');
    if (text.trimStart().startsWith('{')) Object.assign(labels, jsonOf('--resource', text));
    else if (at > 0) labels[text.slice(0, at)] = text.slice(at + 1);
    else throw wrong('--resource', 'is neither name=value nor a JSON object');
  }
  if (resourceId !== undefined) labels[RESOURCE_ID] = resourceId;
  if (labels[RESOURCE_ID] === undefined)
    throw new OstinatoError('bad-input', 'It is not said what this happened to.', {
      remedy: 'Add --resource-id, for instance --resource-id order.1207.',
    });
  return labels;
}

/** Whole numbers of any length are kept. */
function jsonOf(option: string, text: string): unknown {
  let value: unknown;
  try {
    value = heldValue(text);
  } catch {
    throw wrong(option, 'is not JSON');
  }
  refuseRepeatedKeys(text, option);
  return value;
}

function wrong(option: string, what: string): OstinatoError {
  return new OstinatoError('bad-input', `What ${option} says ${what}.`, { remedy: 'See: ostinato event emit --help' });
}
