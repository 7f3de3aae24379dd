/**
 * The Docker worker: each run in a container of its own, by an engine that speaks Docker's API.
 *
 * 1. A container carries the marks of its run: by them the next worker finds what one that was killed has left.
 * 2. Before a run's container is made, what is left of the same run is removed: two never run it at once.
 * 3. What was made and could not be started is removed at once.
 */

import { DOCKER_JOB_TEMPLATE } from '../../contract/job-templates.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import { ContainerEngine, findEngine } from '../../platform/container-engine.ts';
import type {
  FoundJob,
  Infrastructure,
  Job,
  JobHearing,
  RunningJob,
  WorkerKind,
  WorkerPlace,
} from '../infrastructure.ts';
import { containerBody, nameFor, type Labels } from './container-body.ts';
import { containerJob } from './container-job.ts';
import { readContainerSettings } from './container-settings.ts';
import { DockerEngine, type ListedContainer } from './engine.ts';
import { bringImage } from './image.ts';

/** What is kept with a job; and of which run it is. */
const MARK_LABEL = 'io.ostinato.job';
const RUN_LABEL = 'io.prefect.flow-run-id';
const POOL_LABEL = 'io.prefect.work-pool-name';
/** It stays when it has ended: somebody wants to look at it. */
const KEPT_LABEL = 'io.ostinato.kept';
const UNSTREAMED_LABEL = 'io.ostinato.unstreamed';

const NAMES_MAX = 100;

export function dockerKind(clock: Clock): WorkerKind {
  return {
    type: 'docker',
    variables: DOCKER_JOB_TEMPLATE.variables.properties,
    async open(place) {
      const engine = new DockerEngine(new ContainerEngine(findEngine(place.environment)));
      await engine.check();
      return new Containers(engine, place, clock);
    },
  };
}

class Containers implements Infrastructure {
  readonly #engine: DockerEngine;
  readonly #place: WorkerPlace;
  readonly #clock: Clock;

  constructor(engine: DockerEngine, place: WorkerPlace, clock: Clock) {
    this.#engine = engine;
    this.#place = place;
    this.#clock = clock;
  }

  check(): Promise<void> {
    return this.#engine.check();
  }

  async start(job: Job, hearing: JobHearing): Promise<RunningJob> {
    const engine = this.#engine;
    const settings = readContainerSettings(job.variables);
    await bringImage({ engine, clock: this.#clock, environment: this.#place.environment }, settings, hearing);
    for (const { id } of await engine.list([`${RUN_LABEL}=${job.runId}`, MARK_LABEL])) await engine.remove(id);
    if (hearing.isEnding())
      throw new OstinatoError('run-cancelled', 'Its container was not made: the run is to stop.', {
        remedy: 'Run it again when you want it after all.',
      });
    const labels = this.#labelsOf(job, settings);
    const body = containerBody(job, settings, { labels, isEngineHere: engine.isHere });
    const { id, name } = await this.#create(settings.name ?? nameFor(job.runName), body);
    try {
      for (const network of settings.networks.slice(1)) await engine.connect(network, id);
      await engine.start(id);
    } catch (error) {
      await engine.remove(id);
      throw error;
    }
    return this.#jobOf({ id, name, labels }, hearing, null);
  }

  async find(): Promise<readonly FoundJob[]> {
    const found = await this.#engine.list([MARK_LABEL, `${POOL_LABEL}=${this.#place.pool}`]);
    return found
      .filter((each) => stageOf(each) !== 'ended' || each.labels[KEPT_LABEL] === undefined)
      .map((container) => ({
        mark: container.labels[MARK_LABEL] ?? '',
        name: `container ${container.name}`,
        stage: stageOf(container),
        attach: (hearing, since) => Promise.resolve(this.#jobOf(container, hearing, since)),
        remove: () => this.#engine.remove(container.id),
      }));
  }

  #jobOf(
    { id, name, labels }: Pick<ListedContainer, 'id' | 'name' | 'labels'>,
    hearing: JobHearing,
    since: Parameters<FoundJob['attach']>[1],
  ): RunningJob {
    return containerJob({
      engine: this.#engine,
      clock: this.#clock,
      id,
      name,
      hearing,
      since,
      isStreamed: labels[UNSTREAMED_LABEL] === undefined,
      isRemoved: labels[KEPT_LABEL] === undefined,
    });
  }

  #labelsOf(job: Job, { labels, isRemoved, isStreamed }: ReturnType<typeof readContainerSettings>): Labels {
    const { pool, worker } = this.#place;
    return {
      ...labels,
      [RUN_LABEL]: job.runId,
      'io.prefect.flow-run-name': job.runName,
      'io.prefect.deployment-id': job.deploymentId,
      [POOL_LABEL]: pool,
      'io.prefect.worker-name': worker,
      [MARK_LABEL]: job.mark,
      ...(isRemoved ? {} : { [KEPT_LABEL]: 'true' }),
      ...(isStreamed ? {} : { [UNSTREAMED_LABEL]: 'true' }),
    };
  }

  /** Under the name, or with a number behind it where another container is called so. */
  async #create(wanted: string, body: object): Promise<{ readonly id: string; readonly name: string }> {
    for (let count = 0; count < NAMES_MAX; count += 1) {
      const name = count === 0 ? wanted : `${wanted}-${count}`;
      const id = await this.#engine.create(name, body);
      if (id !== null) return { id, name };
    }
    throw new OstinatoError('conflict', `The engine has ${NAMES_MAX} containers called ${wanted}.`, {
      remedy: 'Remove those that have ended: docker container prune',
    });
  }
}

function stageOf({ state }: ListedContainer): FoundJob['stage'] {
  if (['created', 'configured', 'initialized'].includes(state)) return 'unstarted';
  return ['running', 'paused', 'restarting', 'stopping', 'up'].includes(state) ? 'running' : 'ended';
}
