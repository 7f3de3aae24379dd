import { SLOT_WAITS_DEFAULT, type SlotWaits } from '../../core/concurrency/slots.ts';
import type { OrchestratorPorts } from '../ports.ts';

export type SlotPorts = Pick<OrchestratorPorts, 'storage' | 'clock' | 'ids' | 'random'> & {
  /** Default: 30 seconds at most, for tags and for other limits. */
  readonly slotWaits?: SlotWaits | undefined;
};

export function slotWaits(ports: SlotPorts): SlotWaits {
  return ports.slotWaits ?? SLOT_WAITS_DEFAULT;
}
