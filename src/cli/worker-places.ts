/** What a worker prepares its runs with: folders and environments in the home, variables and blocks of the server. */

import type { ControlPlane } from '../client/control/plane.ts';
import { variablesOf } from '../client/control/variables.ts';
import { READ_BLOCK_DOCUMENT_BY_NAME } from '../contract/routes/blocks.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { EnvironmentShelf } from '../platform/environment-shelf.ts';
import { RUN_ENTRY } from '../platform/handed-run.ts';
import { removeLeftFolders } from '../platform/run-folder.ts';
import type { SettingValues } from '../platform/settings.ts';
import { Environments } from '../worker/environments.ts';
import type { PlaceParts } from '../worker/run-place.ts';
import { WarmPython } from '../worker/warm-python.ts';

export interface WorkerPlaces extends Omit<PlaceParts, 'workingDirectory'> {
  readonly warmPython: WarmPython;
}

/** Takes away, too, what workers before it have left. */
export async function openPlaces(
  values: SettingValues,
  plane: ControlPlane,
  clock: Clock,
  say: (level: number, message: string) => void,
): Promise<WorkerPlaces> {
  const { home, workerKeepEnvironments: keepSeconds, workerEnvironmentSpace: bytesMax } = values;
  const limits = { keepSeconds, bytesMax };
  const environments = new Environments({ shelf: new EnvironmentShelf(home), limits, clock });
  removeLeftFolders(home, RUN_ENTRY, clock.now() / 1000);
  await environments.prune();
  return {
    home,
    environments,
    clock,
    warmPython: new WarmPython(values.workerWarmPython, {
      ready: (python) => say(LOG_LEVELS.info, `A process stands ready for Python: ${python}.`),
      failed: (python, why) =>
        say(
          LOG_LEVELS.warning,
          `No process stands ready for Python (${python}): ${why}\nIts runs start without one; this is not said again.`,
        ),
    }),
    sources: sourcesOf(plane),
  };
}

/** What templates of runs may stand for. */
export function sourcesOf(plane: ControlPlane): PlaceParts['sources'] {
  const variables = variablesOf(plane);
  return {
    variable: async (name) => (await variables.read(name))?.value,
    async block(type, name) {
      const params = { slug: type, block_document_name: name };
      const found = await plane.find(READ_BLOCK_DOCUMENT_BY_NAME, params, { include_secrets: 'true' });
      return found === null ? undefined : (found.plain as { readonly data: Readonly<Record<string, unknown>> }).data;
    },
  };
}
