/** Who answers here, and whether it is well. */

import { API_VERSION, HEALTH, HELLO, PACKAGE_VERSION, READY } from '../contract/routes/service.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { ok, operation, type Operation } from './operation.ts';

/** The version of Prefect's protocol and package that the contract was built from; clients refuse other major versions. */
export const PROTOCOL_VERSION = '0.8.4';
export const COMPATIBLE_PACKAGE_VERSION = '3.8.8';

export function serviceOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(HEALTH, () => ok(true)),
    operation(READY, async () => {
      await useCases.listFlowRuns({ ids: [] });
      return ok({ message: 'OK' });
    }),
    operation(HELLO, () => ok('👋')),
    operation(API_VERSION, () => ok(PROTOCOL_VERSION)),
    operation(PACKAGE_VERSION, () => ok(COMPATIBLE_PACKAGE_VERSION)),
  ];
}
