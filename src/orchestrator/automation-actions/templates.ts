/** What templates of actions may name. Source: Prefect 3.9.1, `server/events/actions.py`. */

import { RESOURCE_ID, type Event, type ResourceLabels } from '../../core/event.ts';
import { isUuid } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import { EVERYTHING } from '../../core/query.ts';
import { formatInstant } from '../../core/time.ts';
import { automationView } from '../automations.ts';
import type { TemplateContext } from '../ports.ts';
import { ActionRefused, firstOfKind, type Acting } from './acting.ts';
import { DESCRIBED, type ActingPorts, type Described } from './ports.ts';

type Json = Readonly<Record<string, unknown>>;

/** As many as the other templates of the server may name. */
const VARIABLES_MAX = 1000;

/** The texts, rendered. @throws ActionRefused, with what is wrong in the payload */
export async function rendered(
  ports: ActingPorts,
  acting: Acting,
  templates: readonly string[],
): Promise<readonly string[]> {
  if (!templates.some(mayBeTemplate)) return templates;
  if (ports.userTexts === undefined) throw new ActionRefused('Templates are rendered by a server only.');
  const answer = await ports.userTexts.renderTemplates(templates, await contextOf(ports, acting, templates));
  if (answer.ok) return answer.texts;
  acting.told.details['template_error'] = `Failed to render template due to the following error: ${answer.reason}`;
  acting.told.details['template_source'] = answer.template;
  throw new ActionRefused(`Template rendering failed: ${answer.reason}`);
}

export function mayBeTemplate(text: string): boolean {
  return /\{[{%]/.test(text);
}

/** @param texts the objects that they name are read, and no others */
export async function contextOf(
  ports: ActingPorts,
  { order, automation, event }: Acting,
  texts: readonly string[],
): Promise<TemplateContext> {
  const { firing } = order;
  const view = automationView(automation);
  const told = event && eventView(event);
  const fired = {
    id: firing.id,
    trigger: view.trigger,
    trigger_states: [firing.state],
    triggered: formatInstant(firing.at),
    triggering_labels: firing.labels,
    triggering_firings: [],
    triggering_event: told,
    triggering_value: firing.value ?? null,
  };
  return {
    pages: ports.actions.pages(),
    values: JSON.stringify({
      automation: view,
      event: told,
      labels: nested(firing.labels),
      firing: fired,
      firings: [fired],
      events: told === null ? [] : [told],
      ...(event === null ? {} : await objectsOf(ports, event, texts)),
    }),
  };
}

async function objectsOf(ports: ActingPorts, event: Event, texts: readonly string[]): Promise<Json> {
  const isNamed = (name: string): boolean => texts.some((text) => new RegExp(String.raw`\b${name}\b`).test(text));
  const objects: Record<string, unknown> = {};
  for (const name of Object.keys(DESCRIBED) as Described[]) {
    if (!isNamed(name)) continue;
    const resource = firstOfKind(event, DESCRIBED[name]);
    const id = resource?.[RESOURCE_ID]?.slice(DESCRIBED[name].length + 1);
    const object = id === undefined || !isUuid(id) ? null : await ports.actions.describe(name, id);
    objects[name] = object === null || resource === null ? null : { ...object, ...stateOf(resource) };
  }
  if (isNamed('variables')) {
    const query = { where: EVERYTHING, sort: [], limit: VARIABLES_MAX, offset: 0 };
    const found = await ports.storage.find('variable', query);
    objects['variables'] = Object.fromEntries(
      found.map(({ name, value, exactValue: exact }) => [name, exact === undefined ? value : exactValue(exact)]),
    );
  }
  return objects;
}

/** A run may have moved on since the event: what the event says of its state counts. */
function stateOf(resource: ResourceLabels): Json {
  const [type, name, message, timestamp] = ['type', 'name', 'message', 'timestamp'].map(
    (part) => resource[`prefect.state-${part}`],
  );
  if (type === undefined || name === undefined || message === undefined || timestamp === undefined) return {};
  return { state: { type, name, message, timestamp } };
}

function eventView(event: Event): Json {
  return {
    occurred: formatInstant(event.occurred),
    event: event.name,
    resource: event.resource,
    related: event.related,
    payload: exactValue(event.payload),
    id: event.id,
    follows: event.follows,
    received: formatInstant(event.received),
  };
}

/** `a.b.c` is found as a whole, and as `c` of `b` of `a`. */
function nested(labels: Readonly<Record<string, string>>): Json {
  const root: Record<string, unknown> = {};
  for (const [label, value] of Object.entries(labels)) {
    const parts = label.split('.');
    let at = root;
    for (const part of parts.slice(0, -1)) {
      const there = Object.hasOwn(at, part) ? at[part] : undefined;
      const next = typeof there === 'object' && there !== null ? (there as Record<string, unknown>) : {};
      Object.defineProperty(at, part, { value: next, enumerable: true, configurable: true, writable: true });
      at = next;
    }
    const last = parts.at(-1) as string;
    if (!Object.hasOwn(at, last))
      Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
    Object.defineProperty(root, label, {
      value: root[label] ?? value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return root;
}
