/** An automation as somebody writes it. Pure. */
import type { Automation } from '../../api/automations.ts';

const OF_THE_SERVER: ReadonlySet<string> = new Set(['id', 'created', 'updated']);

/** Without what the server adds, and without lists in which there is nothing. */
export function plainRule(automation: Automation): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(automation)
      .filter(([key, value]) => !OF_THE_SERVER.has(key) && !(key.startsWith('actions_') && isEmpty(value)))
      .map(([key, value]) => [key, key === 'trigger' ? plainTrigger(value) : value]),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Ids of triggers are the server's; what is left out means the same as a list without anything in it. */
function plainTrigger(trigger: unknown): unknown {
  if (typeof trigger !== 'object' || trigger === null) return trigger;
  return Object.fromEntries(
    Object.entries(trigger)
      .filter(([key, value]) => key !== 'id' && !isEmpty(value))
      .map(([key, value]) => [key, key === 'triggers' && Array.isArray(value) ? value.map(plainTrigger) : value]),
  );
}
