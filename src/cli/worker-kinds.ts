/** Of which kind a worker is: as its pool says, as it is told, or as a file of its user says. */

import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { jobTemplateFor, templateOf } from '../contract/job-templates.ts';
import { OstinatoError } from '../core/errors.ts';
import { isRecord } from '../core/blocks/json.ts';
import { AGENT_POOL_NAME, AGENT_POOL_TYPE } from '../core/work-pool.ts';
import type { Clock } from '../core/time.ts';
import { importModule } from '../platform/user-modules.ts';
import type { WorkerKind } from '../worker/infrastructure.ts';

const PROCESS = 'process';
const DOCKER = 'docker';
const FILE = /[/\\]|\.[cm]?[jt]s$/;

export interface ChosenKind {
  /** Of a pool that has to be made. */
  readonly type: string;
  readonly template: object | null;
  /** `null`: runs are processes of this machine. */
  readonly kind: WorkerKind | null;
}

export interface KindWanted {
  /** As `--type` says; `undefined`: as the pool says. */
  readonly said: string | undefined;
  readonly pool: string;
  /** Of the pool; `null`: it is not there. */
  readonly poolType: string | null;
  readonly base: string;
  readonly clock: Clock;
}

/** @throws `bad-input`: no such kind, not the kind of the pool, or a file that has none */
export async function chooseKind({ said, pool, poolType, base, clock }: KindWanted): Promise<ChosenKind> {
  const ofPool = poolType === AGENT_POOL_TYPE || pool === AGENT_POOL_NAME ? PROCESS : poolType;
  const chosen = said !== undefined && FILE.test(said) ? await kindIn(resolve(base, said)) : null;
  const type = chosen?.type ?? said ?? ofPool ?? PROCESS;
  if (ofPool !== null && type !== ofPool)
    throw new OstinatoError(
      'bad-input',
      `Work pool ${pool} is of the type ${ofPool}, and this worker would be of the type ${type}.`,
      { remedy: `Leave --type away, or make a pool for it: ostinato work-pool create NAME --type ${type}` },
    );
  if (chosen !== null) return { type, template: templateFor(chosen), kind: chosen };
  if (type === PROCESS) return { type, template: null, kind: null };
  if (type !== DOCKER)
    throw new OstinatoError('bad-input', `This program has no worker of the type ${JSON.stringify(type)}.`, {
      remedy: `It has ${PROCESS} and ${DOCKER}; for one of your own say its file: --type ./my-worker.ts`,
    });
  // Loaded here: a worker whose runs are processes needs none of it.
  const { dockerKind } = await import('../worker/docker/kind.ts');
  return { type, template: jobTemplateFor(type), kind: dockerKind(clock) };
}

function templateFor({ variables }: WorkerKind): object | null {
  return variables === undefined || Object.keys(variables).length === 0 ? null : templateOf(variables);
}

async function kindIn(file: string): Promise<WorkerKind> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new OstinatoError('not-found', `There is no file ${file}.`, {
      remedy: 'Name the file of your worker: --type ./my-worker.ts',
    });
  let kind: unknown;
  try {
    kind = (await importModule(file).finished)['default'];
  } catch (cause) {
    throw new OstinatoError(
      'bad-input',
      `${file} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { remedy: `Try it by itself: node ${file}`, cause },
    );
  }
  if (isRecord(kind) && typeof kind['type'] === 'string' && kind['type'] !== '' && typeof kind['open'] === 'function')
    return kind as unknown as WorkerKind;
  throw new OstinatoError('bad-input', `${file} exports no worker by default.`, {
    remedy: 'Write: export default { type: "mine", open: (place) => ({ start: … }) } satisfies WorkerKind',
  });
}
