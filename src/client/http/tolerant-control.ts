/** The control plane for a flow whose server may be away: what it asks then is told later, or waited for. */

import type { Absence, LaterCall } from '../control/absence.ts';
import { askControl, controlLater } from '../control/by-name.ts';
import type { ControlClient } from '../control/client.ts';
import type { IdSource } from '../../core/ids.ts';
import type { Clock } from '../../core/time.ts';
import type { Link } from './link.ts';
import type { Outbox } from './outbox.ts';
import type { Remote } from './remote.ts';

/** What was decided here, to be told later. */
export interface ControlEntry extends LaterCall {
  readonly kind: 'control';
}

export interface TolerantControlParts {
  readonly link: Link<Remote>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** @param sure waits for the server, but not for ever */
export function tolerantControl(
  { link, outbox, clock, ids }: TolerantControlParts,
  sure: <T>(question: (server: Remote) => Promise<T>) => Promise<T>,
): ControlClient {
  const absence: Absence = {
    clock,
    ids,
    get isAway() {
      return link.isAway;
    },
    sure: (question) => sure(({ control }) => question(control)),
    ifThere: <T>(question: (control: ControlClient) => Promise<T>, otherwise: () => T) =>
      link.ask<T>(({ control }) => question(control), otherwise),
    orLater: <T>(call: LaterCall, meanwhile: () => T) =>
      link.ask<T>(
        ({ control }) => askControl(control, call.noun, call.method, call.args) as Promise<T>,
        () => {
          outbox.add({ kind: 'control', ...call });
          return meanwhile();
        },
      ),
  };
  return controlLater(async () => (await import('../control/client.ts')).createTolerantControl(absence));
}

export async function tellControl(control: ControlClient, { noun, method, args }: ControlEntry): Promise<void> {
  await askControl(control, noun, method, args);
}
