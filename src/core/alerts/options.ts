/** What an action says about the alerts that it opens: all of it may be left out. */

import type { Severity } from '../notifications/channel.ts';

export interface EscalationStep {
  /** Seconds after the alert was opened. */
  readonly afterSeconds: number;
  /** The block that is told then. */
  readonly channel: string;
}

export interface AlertOptions {
  /** Whether repeats are folded; `null`: where a cause can be told from the event. */
  readonly folds: boolean | null;
  /** A template: what is the same is one cause. `null`: it is taken from the event. */
  readonly cause: string | null;
  /** `null`: by what has happened. */
  readonly severity: Severity | null;
  /** Without a repeat for so long, it is closed. */
  readonly closeAfterSeconds: number;
  /** So long after a success, without a failure, it has recovered; `null`: successes are not looked at. */
  readonly recoveredAfterSeconds: number | null;
  readonly escalation: readonly EscalationStep[];
  /** Whether messages have a link by which they are acknowledged; `null`: where somebody waits for it. */
  readonly asksForAcknowledgement: boolean | null;
}

export const ALERT_DEFAULTS: AlertOptions = {
  folds: null,
  cause: null,
  severity: null,
  closeAfterSeconds: 86_400,
  recoveredAfterSeconds: 60,
  escalation: [],
  asksForAcknowledgement: null,
};

export function isAcknowledgementAsked({ asksForAcknowledgement, escalation }: AlertOptions): boolean {
  return asksForAcknowledgement ?? escalation.length > 0;
}

/** In the names of the wire, as actions are kept: `fold`, `cause`, `severity`, …, with lengths of time in seconds. */
export type WireAlertOptions = Readonly<Record<string, unknown>>;

/** Of an action as it is kept: it was checked when it came. */
export function alertOptionsOf(wire: WireAlertOptions | null | undefined): AlertOptions {
  if (wire === null || wire === undefined) return ALERT_DEFAULTS;
  const or = <T>(name: string, otherwise: T): T => (wire[name] ?? otherwise) as T;
  const steps = or<readonly { readonly after: number; readonly block_document_id: string }[]>('escalate', []);
  return {
    folds: or('fold', ALERT_DEFAULTS.folds),
    cause: or('cause', ALERT_DEFAULTS.cause),
    severity: or('severity', ALERT_DEFAULTS.severity),
    closeAfterSeconds: or('close_after', ALERT_DEFAULTS.closeAfterSeconds),
    recoveredAfterSeconds:
      wire['recovered_after'] === null ? null : or('recovered_after', ALERT_DEFAULTS.recoveredAfterSeconds),
    escalation: steps.map(({ after, block_document_id: channel }) => ({ afterSeconds: after, channel })),
    asksForAcknowledgement: or('acknowledge', ALERT_DEFAULTS.asksForAcknowledgement),
  };
}
