/** The image of a container: there already, or fetched, as the deployment says it. What is fetched is told. */

import { OstinatoError } from '../../core/errors.ts';
import { LOG_LEVELS } from '../../core/log.ts';
import { secondsBetween, type Clock, type Instant } from '../../core/time.ts';
import { registryAuth } from '../../platform/registry-auth.ts';
import type { JobHearing } from '../infrastructure.ts';
import { partsOf, type ContainerSettings } from './container-settings.ts';
import type { DockerEngine } from './engine.ts';

/** How often it is told how far it is. */
const TELL_SECONDS = 5;

export interface ImageParts {
  readonly engine: DockerEngine;
  readonly clock: Pick<Clock, 'now'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws `not-found`: it is not there, or cannot be fetched */
export async function bringImage(
  { engine, clock, environment }: ImageParts,
  { image, pullPolicy }: Pick<ContainerSettings, 'image' | 'pullPolicy'>,
  hearing: JobHearing,
): Promise<void> {
  if (pullPolicy !== 'Always' && (await engine.hasImage(image))) return;
  if (pullPolicy === 'Never')
    throw new OstinatoError('not-found', `The engine has no image ${image}, and image_pull_policy is Never.`, {
      remedy: `Bring it to the engine (docker pull ${image}, docker load), or write image_pull_policy: IfNotPresent.`,
    });
  const since = clock.now();
  const progress = new PullProgress(clock, (text) => hearing.say(LOG_LEVELS.info, `Image ${image}: ${text}`));
  hearing.say(LOG_LEVELS.info, `The image ${image} is fetched (image_pull_policy: ${pullPolicy}).`);
  const { name, tag } = partsOf(image);
  let problem: string | null = null;
  try {
    // Without a tag, all tags would be fetched.
    await engine.pull(
      { name, tag: tag ?? (image.includes('@') ? null : 'latest') },
      registryAuth(image, environment),
      (step) => {
        const { error } = step;
        if (typeof error === 'string') problem = error.trim();
        progress.hear(step);
      },
    );
  } catch (error) {
    if (OstinatoError.is(error)) throw error;
    problem = error instanceof Error ? error.message : String(error);
  }
  if (problem !== null)
    throw new OstinatoError('not-found', `The image ${image} could not be fetched: ${problem}`, {
      remedy: `Is its name right, and may this machine fetch it? Try: docker pull ${image}. With image_pull_policy: IfNotPresent or Never the engine's own is taken.`,
    });
  hearing.say(LOG_LEVELS.info, `The image ${image} is there after ${secondsBetween(since, clock.now()).toFixed(1)} s.`);
}

/** Of many steps a second, now and then how far it is. */
class PullProgress {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: (text: string) => void;
  readonly #layers = new Map<string, { readonly current: number; readonly total: number }>();
  #toldAt: Instant;

  constructor(clock: Pick<Clock, 'now'>, tell: (text: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#toldAt = clock.now();
  }

  hear({ id, progressDetail: detail }: Readonly<Record<string, unknown>>): void {
    const { current, total } = (detail ?? {}) as { readonly current?: unknown; readonly total?: unknown };
    if (typeof id === 'string' && typeof current === 'number' && typeof total === 'number')
      this.#layers.set(id, { current, total });
    const now = this.#clock.now();
    if (this.#layers.size === 0 || secondsBetween(this.#toldAt, now) < TELL_SECONDS) return;
    this.#toldAt = now;
    const sum = (of: 'current' | 'total'): string =>
      ([...this.#layers.values()].reduce((all, layer) => all + layer[of], 0) / 1e6).toFixed(1);
    this.#tell(`${sum('current')} of ${sum('total')} MB.`);
  }
}
