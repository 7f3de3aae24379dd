/** A run of a deployment, asked for by the form of our own pages: what does not fit is told by its field. */

import { parseBounded, PLAIN_BODY } from '../contract/json-bounds.ts';
import { instantIn } from '../contract/decode/state.ts';
import { UI_RUN_DEPLOYMENT } from '../contract/routes/ui-deployments.ts';
import { OstinatoError } from '../core/errors.ts';
import type { DeploymentId } from '../core/ids.ts';
import type { FormProblem, InputProblem } from '../orchestrator/ports.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { creatorOf } from './client.ts';
import { checkSize, policyOf } from './flow-runs.ts';
import { found, ok, operation, type Operation } from './operation.ts';

/** What a person can mend in the form. */
const MENDABLE = new Set(['bad-parameters', 'bad-input', 'bad-request']);

export function uiDeploymentRunOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(UI_RUN_DEPLOYMENT, async ({ params, body, exact, headers }) => {
      const id = params['id'] as DeploymentId;
      const { deployment } = found(await useCases.readDeployment({ id }), 'Deployment');
      const parameters = checkSize(exact['parameters'], body.parameters);
      const refused = (reason: string, problems: readonly InputProblem[] = []) =>
        ok({ flow_run: null, refused: reason, problems });
      try {
        if (deployment.enforceParameterSchema && deployment.parameterSchema !== null) {
          const problems = await useCases.checkForm({
            schema: parsed(deployment.parameterSchema),
            values: { ...(parsed(deployment.parameters) as object), ...body.parameters },
          });
          if (problems.length > 0) return refused('The parameters do not fit.', placed(problems));
        }
        const at = instantIn(body.at);
        const { run } = await useCases.runDeployment(id, {
          name: body.name || undefined,
          parameters,
          tags: body.tags ?? [],
          labels: {},
          policy: policyOf({}),
          state: at === undefined ? undefined : { type: 'SCHEDULED', scheduledTime: at },
          idempotencyKey: `ostinato.form.${body.form_id.toLowerCase()}`,
          parentTaskRunId: null,
          infrastructureDocumentId: null,
          context: '{}',
          jobVariables: null,
          creator: creatorOf(headers),
        });
        return ok({ flow_run: { id: run.id, name: run.name }, refused: null, problems: [] });
      } catch (error) {
        if (OstinatoError.is(error) && MENDABLE.has(error.code)) return refused(error.message);
        throw error;
      }
    }),
  ];
}

/** What is kept was within the bounds of a body. */
function parsed(text: string): unknown {
  return parseBounded(text, PLAIN_BODY.valuesMax);
}

/** Each problem by itself, with the way to it. */
export function placed(problems: readonly FormProblem[], path: readonly string[] = []): readonly InputProblem[] {
  return problems.flatMap((problem) => {
    if (typeof problem === 'string') return [{ path, reason: problem }];
    const part = 'property' in problem ? problem.property : String(problem.index);
    return placed(problem.errors, [...path, part]);
  });
}
