/** Variables of jobs: whether those of a pool, a deployment and a run fit the job template of the pool. */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { isUuid, type BlockDocumentId } from '../core/ids.ts';
import { operandWords } from '../core/shell-word.ts';
import type { WorkPool } from '../core/work-pool.ts';
import { readBlockDocument } from './blocks/documents.ts';
import { mergedJson } from './deployments/fields.ts';
import type { OrchestratorPorts } from './ports.ts';

export interface JobVariables {
  /** JSON object: over the template's defaults. */
  readonly values: string;
  /** Nothing is given later any more: what the schema requires has to be there, or to have a default. */
  readonly isComplete?: boolean;
  /** What it is when they do not fit. Default `bad-input`. */
  readonly code?: 'bad-input' | 'bad-parameters' | undefined;
}

type Properties = Readonly<Record<string, { readonly default?: unknown }>>;

/**
 * Whether what is given fits what the work pool's job template takes. @param what begins the message
 * @throws `bad-input` (or the other code) when they do not; `not-found` for a block that is a default and not there
 */
export async function checkJobVariables(
  ports: OrchestratorPorts,
  pool: Pick<WorkPool, 'baseJobTemplate' | 'name'> | null,
  { values, isComplete = false, code = 'bad-input' }: JobVariables,
  what: string,
): Promise<void> {
  if (pool === null) return;
  const schema = schemaOf(pool.baseJobTemplate);
  if (schema === null || (values === '{}' && !(isComplete && requiresSome(schema)))) return;
  const reason = await problemOf(ports, schema, { values, isComplete, areDefaultsChecked: false });
  if (reason === null) return;
  throw new OstinatoError(code, `${what}: ${reason}`, {
    remedy: `Give what the pool's jobs take. See them with: ostinato work-pool inspect ${operandWords(pool.name)}`,
  });
}

/** Of a pool that is to be made: whether the defaults fit their own schema. `bad-input`, `not-found`. */
export async function checkJobDefaults(ports: OrchestratorPorts, baseJobTemplate: string): Promise<void> {
  const schema = schemaOf(baseJobTemplate);
  if (schema === null || !baseJobTemplate.includes('"default"')) return;
  const reason = await problemOf(ports, schema, { values: '{}', isComplete: false, areDefaultsChecked: true });
  if (reason !== null)
    throw new OstinatoError('bad-input', `Validation failed for work pool's job variable defaults: ${reason}`);
}

/** Other ones for a run of a deployment, in place of its own. `bad-input`, `not-found`. */
export async function checkNewJobVariables(ports: OrchestratorPorts, run: FlowRun, values: string): Promise<void> {
  const id = run.submission?.deploymentId ?? null;
  const found = id === null ? null : await ports.storage.readDeployment({ id });
  if (found === null) return;
  await checkJobVariables(
    ports,
    found.queue?.pool ?? null,
    { values: mergedJson(found.deployment.jobVariables, values), isComplete: true },
    'Error updating flow run',
  );
}

function schemaOf(baseJobTemplate: string): Readonly<Record<string, unknown>> | null {
  const { variables } = JSON.parse(baseJobTemplate) as { readonly variables?: unknown };
  if (typeof variables !== 'object' || variables === null || Object.keys(variables).length === 0) return null;
  return variables as Readonly<Record<string, unknown>>;
}

function requiresSome({ required }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(required) && required.length > 0;
}

async function problemOf(
  ports: OrchestratorPorts,
  schema: Readonly<Record<string, unknown>>,
  given: { readonly values: string; readonly isComplete: boolean; readonly areDefaultsChecked: boolean },
): Promise<string | null> {
  if (ports.userTexts === undefined)
    throw new OstinatoError('unsupported', 'Variables of jobs can only be checked by a server.', {
      remedy: 'Start one: `ostinato server start`.',
    });
  const defaults = await defaultsOf(ports, (schema['properties'] ?? {}) as Properties);
  return await ports.userTexts.checkJobVariables({ ...given, schema: JSON.stringify(schema), defaults });
}

/** JSON object. A default that is a block is what the block holds. */
async function defaultsOf(ports: OrchestratorPorts, properties: Properties): Promise<string> {
  const defaults: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (typeof property !== 'object' || property === null || !('default' in property)) continue;
    const said = property.default;
    const reference = typeof said === 'object' && said !== null && '$ref' in said ? said.$ref : undefined;
    if (reference === undefined) defaults[name] = said;
    else {
      const id = (reference as { readonly block_document_id?: unknown } | null)?.block_document_id;
      if (id !== undefined && id !== null) defaults[name] = await blockData(ports, String(id));
    }
  }
  return JSON.stringify(defaults);
}

async function blockData(ports: OrchestratorPorts, id: string): Promise<unknown> {
  const view = isUuid(id) ? await readBlockDocument(ports, id.toLowerCase() as BlockDocumentId, false) : null;
  if (view === null) throw new OstinatoError('not-found', 'Block not found.');
  return view.data;
}
