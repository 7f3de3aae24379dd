/** Schemas, values and templates that people write into forms, looked at before they are sent. */

import { Type } from '../type.ts';

import { Maybe, Parts, type RouteContract } from '../route.ts';
import { JsonObject, Whole } from '../schema/scalars.ts';

const Problems = Type.Array(
  Type.Union([
    Type.String(),
    Type.Object({ property: Type.String(), errors: Type.Array(Type.Unknown()) }),
    Type.Object({ index: Whole({ minimum: 0 }), errors: Type.Array(Type.Unknown()) }),
  ]),
);

export const VALIDATE_VALUES = {
  method: 'POST',
  path: '/ui/schemas/validate',
  name: 'validate_obj',
  tag: 'Pages',
  summary: 'Whether values fit a JSON schema, and what does not',
  body: Parts({ schema: JsonObject, values: JsonObject }),
  answers: { 200: Type.Object({ errors: Problems, valid: Type.Boolean() }) },
} as const satisfies RouteContract;

const validateTemplate = (path: string, name: string) =>
  ({
    method: 'POST',
    path,
    name,
    tag: 'Automations',
    summary: 'Whether a text is a Jinja template that this server can render',
    body: Maybe(Type.String()),
    isBodyOptional: true,
    answers: {
      204: null,
      422: Type.Object({
        error: Type.Object({ line: Whole({ minimum: 0 }), message: Type.String(), source: Type.String() }),
      }),
    },
  }) as const satisfies RouteContract;

/** The second address is that of older pages. */
export const VALIDATE_TEMPLATE = [
  validateTemplate('/templates/validate', 'validate_template'),
  validateTemplate('/automations/templates/validate', 'validate_automation_template'),
] as const;
