/**
 * How a state looks, wherever it is shown: a word, a shape and a colour, so that none has to be told from another by colour alone.
 *
 * Shapes are SVG paths on a grid of 16, drawn by the badges and by the timeline's canvas alike.
 */
import type { StateType } from '../../api/states.ts';

export interface StateLook {
  readonly label: string;
  /** A filled outline that differs from state to state. */
  readonly fill?: string;
  /** Lines in the state's colour. */
  readonly line?: string;
  /** Lines on the filled outline, in the colour of what is behind. */
  readonly mark?: string;
}

const DISC = 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13Z';

export const STATE_LOOKS = {
  SCHEDULED: { label: 'Scheduled', line: 'M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 0 1 0-11.5ZM8 4.8V8.2l2.3 1.4' },
  PENDING: { label: 'Pending', line: 'M8 2.25a5.75 5.75 0 0 1 3 .85M13.1 5.35a5.75 5.75 0 0 1 .3 4.6M11.6 12.5a5.75 5.75 0 0 1-4.8 1.1M4 12.15a5.75 5.75 0 0 1-1.7-4.6M3.2 4.85a5.75 5.75 0 0 1 2.1-1.9' },
  RUNNING: { label: 'Running', fill: 'M4.2 2.4a1 1 0 0 1 1.5-.87l8.3 5.6a1 1 0 0 1 0 1.74l-8.3 5.6a1 1 0 0 1-1.5-.87Z' },
  PAUSED: { label: 'Paused', fill: 'M4 1.5h8A2.5 2.5 0 0 1 14.5 4v8a2.5 2.5 0 0 1-2.5 2.5H4A2.5 2.5 0 0 1 1.5 12V4A2.5 2.5 0 0 1 4 1.5Z', mark: 'M6.2 5.2v5.6M9.8 5.2v5.6' },
  CANCELLING: { label: 'Cancelling', line: 'M8 2.25a5.75 5.75 0 1 1 0 11.5a5.75 5.75 0 0 1 0-11.5ZM4.6 8h.01M8 8h.01M11.4 8h.01' },
  CANCELLED: { label: 'Cancelled', fill: DISC, mark: 'M4.8 8h6.4' },
  COMPLETED: { label: 'Completed', fill: DISC, mark: 'M5 8.3 7.2 10.5 11.1 6' },
  FAILED: { label: 'Failed', fill: 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3Z', mark: 'M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6' },
  CRASHED: { label: 'Crashed', fill: 'M7.1 1.7a1.05 1.05 0 0 1 1.8 0l6.1 10.9a1.05 1.05 0 0 1-.9 1.55H1.9A1.05 1.05 0 0 1 1 12.6Z', mark: 'M8 5.6v3.7M8 11.7v.01' },
} as const satisfies Record<StateType, StateLook>;

/** From the bottom of a stack to its top: what went well carries what needs a look. */
export const STACK_ORDER = ['COMPLETED', 'RUNNING', 'PENDING', 'SCHEDULED', 'PAUSED', 'CANCELLING', 'CANCELLED', 'CRASHED', 'FAILED'] as const satisfies readonly StateType[];

/** Groups of the list's filter, in the order in which somebody asks for them. */
export const FILTER_ORDER = ['RUNNING', 'FAILED', 'CRASHED', 'COMPLETED', 'SCHEDULED', 'PENDING', 'PAUSED', 'CANCELLING', 'CANCELLED'] as const satisfies readonly StateType[];

export function lookOf(type: StateType): StateLook {
  return STATE_LOOKS[type];
}

/** The name of the CSS property with the colour of its surface. */
export function stateColour(type: StateType): string {
  return `--state-${type.toLowerCase()}`;
}

/** A state of a run that is late, retrying, cached … keeps its own name; the type gives colour and shape. */
export function stateLabel(type: StateType, name: string | null | undefined): string {
  return name === null || name === undefined || name === '' ? STATE_LOOKS[type].label : name;
}
