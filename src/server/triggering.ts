/** Starts what looks at the triggers of automations. */

import { hashText } from '../platform/hash.ts';
import { TriggerService, type TriggerServiceParts } from '../services/automation-triggers.ts';
import type { Storage } from '../store/port.ts';

interface TriggeringParts extends Omit<TriggerServiceParts, 'hash'> {
  readonly storage: Pick<Storage, 'onCommit'>;
}

/** @returns what stops it */
export function startTriggering({ storage, ...parts }: TriggeringParts): { stop(): Promise<void> } {
  const service = new TriggerService({ ...parts, hash: hashText });
  const stopHearing = storage.onCommit(() => service.wake());
  return {
    async stop() {
      stopHearing();
      await service.stop();
    },
  };
}
