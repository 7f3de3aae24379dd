import { shortEcho } from '../contract/short-echo.ts';
import { VALIDATE_TEMPLATE, VALIDATE_VALUES } from '../contract/routes/user-texts.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export function userTextOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(VALIDATE_VALUES, async ({ body }) => {
      const errors = await useCases.checkForm(body);
      return ok({ errors, valid: errors.length === 0 });
    }),
    ...VALIDATE_TEMPLATE.map((contract) =>
      operation(contract, async ({ body }) => {
        const template = typeof body === 'string' ? body : '';
        const problem = await useCases.checkTemplate(template);
        return problem === null
          ? NO_CONTENT
          : { status: 422, body: { error: { ...problem, source: shortEcho(template) } } };
      }),
    ),
  ];
}
