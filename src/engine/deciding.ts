/** Transactions whose hooks are running in this process: another attempt of their run waits until they have. */

import type { EnginePorts } from './ports.ts';

const all = new WeakMap<EnginePorts, Map<string, Promise<void>>>();

export function decidingOn(ports: EnginePorts): Map<string, Promise<void>> {
  let known = all.get(ports);
  if (!known) all.set(ports, (known = new Map()));
  return known;
}
