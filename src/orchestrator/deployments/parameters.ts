/** Parameters of deployments and of their runs: how they come about, and whether they fit the flow's schema. */

import type { Deployment } from '../../core/deployment.ts';
import { OstinatoError } from '../../core/errors.ts';
import { operandWords } from '../../core/shell-word.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { variablesFor } from '../continue-paused-run.ts';
import type { OrchestratorPorts, ParametersJob, SettledParameters } from '../ports.ts';
import type { DeploymentFields } from './fields.ts';

/**
 * The values as JSON, of what says how it comes about (`__prefect_kind`). @param what begins the message
 * @throws `bad-request` for one that cannot
 */
export async function settledParameters(ports: OrchestratorPorts, values: string, what: string): Promise<string> {
  if (!values.includes('__prefect_kind')) return values;
  const settled = await settle(ports, values, null);
  if (!settled.ok) throw new OstinatoError('bad-request', `${what}: ${settled.reason}`);
  return settled.text;
}

/** A remedy. */
export function whereParametersAreTold({ flow, deployment }: Pick<DeploymentRecord, 'flow' | 'deployment'>): string {
  return `See what it takes: ostinato deployment inspect ${operandWords(`${flow.name}/${deployment.name}`)}`;
}

interface ParametersCheck {
  /** Begins the message. */
  readonly what: string;
  /** Whether what the schema requires may be missing. */
  readonly isPartial: boolean;
  /** Where to see what is taken. */
  readonly remedy: string;
}

/**
 * Whether they fit the deployment's schema, where it is enforced.
 *
 * @throws `bad-parameters` when they do not; `bad-input` when the schema is none
 */
export async function checkParameters(
  ports: OrchestratorPorts,
  { enforceParameterSchema, parameterSchema }: Pick<Deployment, 'enforceParameterSchema' | 'parameterSchema'>,
  values: string,
  { what, isPartial, remedy }: ParametersCheck,
): Promise<void> {
  if (!enforceParameterSchema) return;
  if (parameterSchema === null)
    throw new OstinatoError(
      'bad-parameters',
      'Error updating deployment: Cannot update parameters because parameter schema enforcement is enabled and the ' +
        'deployment does not have a valid parameter schema.',
      { remedy: 'Deploy the flow again, or pass `enforce_parameter_schema: false`.' },
    );
  if (isFitForAll(parameterSchema)) return;
  const checked = await settle(ports, values, parameterSchema, { isPartial });
  if (checked.ok) return;
  if (checked.isSchemaWrong) throw new OstinatoError('bad-input', checked.reason);
  throw new OstinatoError('bad-parameters', `${what}: ${checked.reason}`, { remedy });
}

/**
 * What is wrong with the parameters of a deployment that is to be made, and whose schema is asked to be enforced; in
 * the words of Prefect's server. `null`: nothing.
 */
export async function newParametersProblem(
  ports: OrchestratorPorts,
  fields: Pick<DeploymentFields, 'enforceParameterSchema' | 'parameterSchema' | 'parameters'>,
): Promise<string | null> {
  const { enforceParameterSchema, parameterSchema, parameters = '{}' } = fields;
  if (enforceParameterSchema !== true || !parameterSchema || isFitForAll(parameterSchema)) return null;
  const checked = await settle(ports, parameters, parameterSchema, { isPartial: true, isLiteral: true });
  return checked.ok ? null : checked.reason;
}

/** Of the schemas that nobody wrote, nothing has to be asked. */
function isFitForAll(schema: string): boolean {
  return schema === '{}' || schema === '{"type":"object","properties":{}}';
}

async function settle(
  ports: OrchestratorPorts,
  values: string,
  schema: string | null,
  { isPartial = false, isLiteral = false }: Partial<Pick<ParametersJob, 'isPartial' | 'isLiteral'>> = {},
): Promise<SettledParameters> {
  if (ports.userTexts === undefined)
    throw new OstinatoError('unsupported', 'Parameters of deployments can only be checked by a server.', {
      remedy: 'Start one: `ostinato server start`.',
    });
  return await ports.userTexts.settleParameters({
    values,
    variables: await variablesFor(ports, values),
    schema,
    isPartial,
    isLiteral,
  });
}
