/** The server's identity, health and readiness. */

import { API_VERSION, HEALTH, HELLO, PACKAGE_VERSION, READY } from '../contract/routes/service.ts';
import type { OstinatoError } from '../core/errors.ts';
import { NOTHING } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { ok, operation, type Answer, type Operation } from './operation.ts';

/**
 * The version of Prefect's protocol and package that the contract was built from; clients refuse other major versions.
 */
export const PROTOCOL_VERSION = '0.8.4';
export const COMPATIBLE_PACKAGE_VERSION = '3.9.1';

/** Why the server cannot take work; `null` when it can. */
export type Readiness = () => Promise<OstinatoError | null>;

/** @param ready default: whether the database answers */
export function serviceOperations(useCases: UseCases, ready?: Readiness): readonly Operation[] {
  return [
    operation(HEALTH, () => ok(true)),
    operation(READY, async () => {
      if (ready === undefined) await useCases.list('flow_run', { where: NOTHING });
      const error = (await ready?.()) ?? null;
      return error === null ? ok({ message: 'OK' }) : notReady(error);
    }),
    operation(HELLO, () => ok('👋')),
    operation(API_VERSION, () => ok(PROTOCOL_VERSION)),
    operation(PACKAGE_VERSION, () => ok(COMPATIBLE_PACKAGE_VERSION)),
  ];
}

/** Polled each second by monitoring: a state, not a failure of the request. */
function notReady({ code, message, remedy }: OstinatoError): Answer {
  return { status: 503, body: { message: `Not ready: ${message}`, code, remedy }, headers: { 'retry-after': '1' } };
}
