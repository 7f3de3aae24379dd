/** Checks schemas, values and templates of users before they are used. */

import { OstinatoError } from '../core/errors.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { variablesFor } from './continue-paused-run.ts';
import type { FormProblem, OrchestratorPorts, TemplateProblem, UserTexts } from './ports.ts';

/** The problems of a form's values; `bad-input` when their schema is invalid, or takes too long. */
export async function checkForm(
  ports: OrchestratorPorts,
  { schema, values }: { readonly schema: unknown; readonly values: unknown },
): Promise<readonly FormProblem[]> {
  const texts = userTexts(ports);
  const written = JSON.stringify(values);
  const checked = await texts.checkForm({
    schema: JSON.stringify(schema),
    values: written,
    variables: await variablesFor(ports, written),
  });
  if (!checked.ok) throw new OstinatoError('bad-input', checked.reason);
  return checked.problems;
}

/** `null`: the template is valid. */
export function checkTemplate(ports: OrchestratorPorts, template: string): MaybePromise<TemplateProblem | null> {
  return userTexts(ports).checkTemplate(template);
}

function userTexts({ userTexts: texts }: OrchestratorPorts): UserTexts {
  if (texts === undefined)
    throw new OstinatoError('unsupported', 'Schemas and templates can only be checked by a server.', {
      remedy: 'Start one: ostinato server start.',
    });
  return texts;
}
