/**
 * How a state looks, wherever it is shown: a word, a shape and a colour, so that none has to be told from another by
 * colour alone.
 *
 * The names that our servers and Prefect's give have looks of their own: a result from a cache is not work, and what
 * was rolled back did not go well. Names that users make up have the look of their type, and their own word. Shapes are
 * SVG paths on a grid of 16, drawn by the badges and by the timeline's canvas alike.
 */
import type { StateType } from '../../api/states.ts';

interface Shape {
  readonly label: string;
  /** A filled outline that differs from state to state. */
  readonly fill?: string;
  /** Lines in the state's colour. */
  readonly line?: string;
  /** Lines on the filled outline, in the colour of what is behind. */
  readonly mark?: string;
  /** Of `--state-…`; that of the type where it is not said. */
  readonly colour?: string;
  /** What its bar is filled with, besides its colour. */
  readonly pattern?: Pattern;
}

/**
 * Stripes for what went wrong, dots for what did not run, stripes the other way for what was taken back, an outline for
 * what waits.
 */
export type Pattern = 'hatch' | 'dots' | 'back' | 'outline';

export interface StateLook extends Shape {
  /** The type; of a name with a look of its own, `TYPE/Name`. */
  readonly id: string;
  readonly type: StateType;
  readonly colour: string;
}

const DISC = 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13Z';
const RING = 'M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 0 1 0-11.5Z';
const SQUARE = 'M4 1.5h8A2.5 2.5 0 0 1 14.5 4v8a2.5 2.5 0 0 1-2.5 2.5H4A2.5 2.5 0 0 1 1.5 12V4A2.5 2.5 0 0 1 4 1.5Z';
const OCTAGON = 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3Z';
const DASHES =
  'M8 2.25a5.75 5.75 0 0 1 3 .85M13.1 5.35a5.75 5.75 0 0 1 .3 4.6M11.6 12.5a5.75 5.75 0 0 1-4.8 1.1M4 12.15a5.75 5.75 0 0 1-1.7-4.6M3.2 4.85a5.75 5.75 0 0 1 2.1-1.9';
const ROUND = 'M10.7 6A3.3 3.3 0 1 0 11.3 8.7M11.2 4v2.3H8.9';

/** By type, and by name within it; the first name of a type is the plain one. */
export const STATE_LOOKS = {
  SCHEDULED: {
    Scheduled: { label: 'Scheduled', line: `${RING}M8 4.8V8.2l2.3 1.4` },
    Late: { label: 'Late', colour: 'late', line: `${RING}M8 4.6v4M8 11.2v.01` },
    AwaitingRetry: { label: 'Awaiting retry', line: 'M12.9 5.2A5.75 5.75 0 1 0 13.7 8.6M13.4 2.2v3.2h-3.2' },
    AwaitingConcurrencySlot: {
      label: 'Awaiting a slot',
      line: 'M3.5 2.5h9M3.5 13.5h9M4.8 2.5v2L8 8l3.2-3.5v-2M4.8 13.5v-2L8 8l3.2 3.5v2',
    },
    Resuming: { label: 'Resuming', line: `${RING}M6.6 5.5v5L10.4 8Z` },
  },
  PENDING: {
    Pending: { label: 'Pending', line: DASHES },
    Submitting: { label: 'Submitting', line: `${DASHES}M8 11V5.2M5.6 7.4 8 5l2.4 2.4` },
    InfrastructurePending: {
      label: 'Infrastructure pending',
      line: 'M2.5 5 8 2l5.5 3v6L8 14l-5.5-3ZM2.5 5 8 8l5.5-3M8 8v6',
    },
    NotReady: { label: 'Not ready', line: `${DASHES}M5.8 8h4.4` },
  },
  RUNNING: {
    Running: {
      label: 'Running',
      fill: 'M4.2 2.4a1 1 0 0 1 1.5-.87l8.3 5.6a1 1 0 0 1 0 1.74l-8.3 5.6a1 1 0 0 1-1.5-.87Z',
    },
    Retrying: { label: 'Retrying', fill: DISC, mark: ROUND },
    Rerunning: {
      label: 'Rerunning',
      fill: 'M2 3.4a.9.9 0 0 1 1.4-.75L8 5.7V3.4a.9.9 0 0 1 1.4-.75l5.4 4.6a1 1 0 0 1 0 1.5l-5.4 4.6A.9.9 0 0 1 8 12.6v-2.3l-4.6 3.05a.9.9 0 0 1-1.4-.75Z',
    },
  },
  PAUSED: {
    Paused: { label: 'Paused', fill: SQUARE, mark: 'M6.2 5.2v5.6M9.8 5.2v5.6' },
    Suspended: { label: 'Suspended', fill: SQUARE, mark: 'M5.6 5.6h4.8v4.8H5.6Z' },
    NotReady: { label: 'Not ready', fill: SQUARE, mark: 'M5 8h6' },
  },
  CANCELLING: { Cancelling: { label: 'Cancelling', line: `${RING}M4.6 8h.01M8 8h.01M11.4 8h.01` } },
  CANCELLED: { Cancelled: { label: 'Cancelled', fill: DISC, mark: 'M4.8 8h6.4' } },
  COMPLETED: {
    Completed: { label: 'Completed', fill: DISC, mark: 'M5 8.3 7.2 10.5 11.1 6' },
    Cached: { label: 'Cached', colour: 'cached', pattern: 'dots', fill: DISC, mark: 'M8.9 4 5.7 8.6h4.2L7.2 12' },
    RolledBack: {
      label: 'Rolled back',
      colour: 'rolled-back',
      pattern: 'back',
      fill: DISC,
      mark: 'M5.2 6.8h3.9a2.2 2.2 0 0 1 0 4.4H7M7 4.8 5 6.8l2 2',
    },
    CommitIncomplete: { label: 'Commit incomplete', fill: DISC, mark: 'M5 8.3 7.2 10.5M9.4 8.2v.01M11.1 6v.01' },
    Skipped: {
      label: 'Skipped',
      colour: 'skipped',
      pattern: 'dots',
      line: `${RING}M5.3 5.7 7.6 8l-2.3 2.3M8.6 5.7 10.9 8l-2.3 2.3`,
    },
  },
  FAILED: {
    Failed: { label: 'Failed', fill: OCTAGON, mark: 'M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6' },
    TimedOut: { label: 'Timed out', fill: OCTAGON, mark: 'M8 4.6v3.7l2.5 1.6' },
    RollbackIncomplete: {
      label: 'Rollback incomplete',
      fill: OCTAGON,
      mark: 'M5.4 6.8h3.4a2 2 0 0 1 0 4M6.9 5.1 5.2 6.8l1.7 1.7',
    },
    UpstreamFailed: { label: 'Upstream failed', fill: OCTAGON, mark: 'M8 11.4V5M5.3 7.6 8 4.9l2.7 2.7' },
  },
  CRASHED: {
    Crashed: {
      label: 'Crashed',
      fill: 'M7.1 1.7a1.05 1.05 0 0 1 1.8 0l6.1 10.9a1.05 1.05 0 0 1-.9 1.55H1.9A1.05 1.05 0 0 1 1 12.6Z',
      mark: 'M8 5.6v3.7M8 11.7v.01',
    },
  },
} as const satisfies Record<StateType, Readonly<Record<string, Shape>>>;

const WAITS: ReadonlySet<StateType> = new Set(['SCHEDULED', 'PENDING', 'PAUSED']);
const WRONG: ReadonlySet<StateType> = new Set(['FAILED', 'CRASHED']);

/** All of them; those of the types are the plain ones. */
export const LOOKS: readonly StateLook[] = (Object.keys(STATE_LOOKS) as StateType[]).flatMap((type) =>
  Object.entries<Shape>(STATE_LOOKS[type]).map(([name, shape], at) => ({
    ...(WAITS.has(type) ? { pattern: 'outline' as const } : WRONG.has(type) ? { pattern: 'hatch' as const } : {}),
    ...shape,
    id: at === 0 ? type : `${type}/${name}`,
    type,
    colour: `--state-${shape.colour ?? type.toLowerCase()}`,
  })),
);

const byId = new Map(LOOKS.map((look) => [look.id, look]));

/** @param name a name that is not known has the look of the type */
export function lookOf(type: StateType, name?: string | null): StateLook {
  return (byId.get(`${type}/${name ?? ''}`) ?? byId.get(type)) as StateLook;
}

/** @param id of a look, as counts by state have it */
export function lookById(id: string): StateLook {
  return byId.get(id) ?? lookOf(id.split('/', 1)[0] as StateType);
}

/** From the bottom of a stack to its top: what went well carries what needs a look. */
const TYPE_ORDER: readonly StateType[] = [
  'COMPLETED',
  'RUNNING',
  'PENDING',
  'SCHEDULED',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
  'CRASHED',
  'FAILED',
];
/** Of looks, by id. */
export const STACK_ORDER: readonly string[] = TYPE_ORDER.flatMap((type) =>
  LOOKS.filter((look) => look.type === type).map(({ id }) => id),
);

/** Groups of the list's filter, in the order in which somebody asks for them. */
export const FILTER_ORDER = [
  'RUNNING',
  'FAILED',
  'CRASHED',
  'COMPLETED',
  'SCHEDULED',
  'PENDING',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
] as const satisfies readonly StateType[];

/** How many runs look like what, by id of the look. */
export type LookCounts = Readonly<Record<string, number>>;

/** For instance `498 completed, 2 failed`, what needs a look first. */
export function countWords(counts: LookCounts): string {
  return STACK_ORDER.toReversed()
    .flatMap((id) =>
      counts[id] === undefined ? [] : [`${counts[id].toLocaleString('en')} ${lookById(id).label.toLowerCase()}`],
    )
    .join(', ');
}

/** A state with a name that somebody made up keeps it. */
export function stateLabel(type: StateType, name: string | null | undefined): string {
  const look = lookOf(type, name);
  const isKnown = name === null || name === undefined || name === '' || Object.hasOwn(STATE_LOOKS[type], name);
  return isKnown ? look.label : name;
}
