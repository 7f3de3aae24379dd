/**
 * Addresses that Prefect's clients print and its pages have: `prefect/utilities/urls.py`, `prefect/runtime`, and what
 * its commands say. Each leads to our page of the same thing; where there is none, the address is known and the page
 * says what is meant. Pure.
 */

/** A thing, or a list of them, that these pages do not show. */
export interface Place {
  /** For instance `work pool`. */
  readonly noun: string;
  /** Its id or name, as the address has it; `null` for the list. */
  readonly name: string | null;
  /** What shows them meanwhile; `null` where the server keeps none. */
  readonly command: string | null;
  /** Words by which the page of the API finds its operations. */
  readonly docs: string | null;
}

/** The same things under our addresses, by the beginning of theirs; `:id` is kept. */
const MOVED: readonly (readonly [theirs: string, ours: string])[] = [
  ['dashboard', '/runs'],
  ['flow-runs/flow-run/:id', '/runs/flow-run/:id'],
  ['flow-runs', '/runs'],
  ['task-runs/task-run/:id', '/runs/task-run/:id'],
  ['task-runs', '/runs'],
  // A view of it, such as `/run` behind its id.
  ['deployments/deployment/:id', '/deployments/deployment/:id'],
  ['deployments', '/deployments'],
  ['work-pools/work-pool/:id/worker', '/work-pools/work-pool/:id?view=workers'],
  ['work-pools/work-pool/:id/queue', '/work-pools/work-pool/:id?view=queues'],
  ['work-pools/work-pool/:id', '/work-pools/work-pool/:id'],
  ['work-pools', '/work-pools'],
  ['events/event/:day/:id', '/events?event=:id'],
  ['notifications', '/notification-channels'],
];

const KEPT = {
  block: ['block', 'ostinato block ls', 'block'],
  variable: ['variable', 'ostinato variable ls', 'variables'],
  limit: ['concurrency limit', 'ostinato concurrency ls', 'concurrency_limits'],
  artifact: ['artifact', 'ostinato artifact ls', 'artifacts'],
  setting: ['setting', 'ostinato config view', null],
} as const;
const NOT_KEPT = (noun: string) => [noun, null, null] as const;

/** Longer beginnings first; the last part that is named is what is meant. */
const KNOWN: readonly (readonly [
  theirs: string,
  what: readonly [noun: string, command: string | null, docs: string | null],
])[] = [
  ['work-queues/work-queue/:id', NOT_KEPT('work queue')],
  ['work-queues', NOT_KEPT('work queue')],
  ['blocks/block/:id', KEPT.block],
  ['blocks/catalog/:id', KEPT.block],
  ['blocks', KEPT.block],
  ['settings/blocks/catalog/:id', KEPT.block],
  ['settings/blocks', KEPT.block],
  ['settings', KEPT.setting],
  ['variables/variable/:id', KEPT.variable],
  ['variables', KEPT.variable],
  ['concurrency-limits/concurrency-limit/:id', KEPT.limit],
  ['concurrency-limits', KEPT.limit],
  ['artifacts/key/:id', KEPT.artifact],
  ['artifacts', KEPT.artifact],
];

/** Our address for the same; `null` for what has not moved. */
export function movedTo(pathname: string): string | null {
  const parts = partsOf(pathname);
  for (const [theirs, ours] of MOVED) {
    const named = fit(theirs, parts);
    if (named !== null) return ours.replace(':id', () => encodeURIComponent(named['id'] ?? ''));
  }
  return null;
}

export function placeOf(pathname: string): Place | null {
  const parts = partsOf(pathname);
  for (const [theirs, [noun, command, docs]] of KNOWN) {
    const named = fit(theirs, parts);
    if (named !== null) return { noun, name: named['id'] ?? null, command, docs };
  }
  return null;
}

function partsOf(pathname: string): readonly string[] {
  return pathname.split('/').filter((part) => part !== '');
}

/** What stands in the places of a pattern that the address begins with; what follows is a view of the same thing. */
function fit(pattern: string, parts: readonly string[]): Readonly<Record<string, string>> | null {
  const named: Record<string, string> = {};
  const isFit = pattern.split('/').every((wanted, at) => {
    const part = parts[at];
    if (part === undefined || !wanted.startsWith(':')) return part === wanted;
    named[wanted.slice(1)] = decoded(part);
    return true;
  });
  return isFit ? named : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
