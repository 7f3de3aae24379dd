/** The OpenAPI document. */

import { openApiDocument } from '../contract/openapi.ts';
import type { RouteContract } from '../contract/route.ts';
import { OPENAPI } from '../contract/routes/service.ts';
import { ENTITIES } from '../contract/entities.ts';
import { ok, operation, type Operation } from './operation.ts';
import { COMPATIBLE_PACKAGE_VERSION } from './service.ts';

/** @param version of this package */
export function describeApi(operations: readonly Operation[], version: string): Operation {
  let document: unknown;
  const contracts: RouteContract[] = [...operations.map(({ contract }) => contract), OPENAPI];
  return operation(OPENAPI, () => {
    document ??= openApiDocument(contracts, ENTITIES, {
      title: 'Ostinato',
      version,
      description: `Speaks the wire language of Prefect ${COMPATIBLE_PACKAGE_VERSION}: its clients may be pointed here. Operations below /ostinato are our own.`,
    });
    return ok(document);
  });
}
