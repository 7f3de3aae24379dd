/** Which of the flows that a file exports is meant. */

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { pathWord } from '../core/shell-word.ts';
import { UNREACHED_REMEDY, whyFlowUnreached, type ExportedFlow } from '../sdk/flow-file.ts';

/** @throws `not-found`, `bad-input` when several may be meant, `entrypoint-unusable` for a file without flows */
export function chooseFlow(flows: readonly ExportedFlow[], exportName: string | null, path: string): ExportedFlow {
  const names = flows.map((flow) => flow.exportName);
  if (exportName === null) {
    const [only] = flows;
    if (only !== undefined && flows.length === 1) return only;
    const standard = flows.find((flow) => flow.exportName === 'default');
    if (standard !== undefined) return standard;
    if (only === undefined)
      throw new OstinatoError('entrypoint-unusable', `${path} exports no flow.`, {
        remedy: 'Export one: export const NAME = flow(…).',
      });
    throw new OstinatoError('bad-input', `${path} exports ${flows.length} flows: ${names.join(', ')}.`, {
      remedy: `Name one of them: ostinato run ${pathWord(`${path}:${names[0]}`)}`,
    });
  }
  const found =
    flows.find((flow) => flow.exportName === exportName) ?? flows.find(({ flow }) => flow.flowName === exportName);
  if (found !== undefined) return found;
  const unreached = whyFlowUnreached(path);
  if (unreached !== null)
    throw new OstinatoError('not-found', `${path} was not read as far as a flow "${exportName}": ${unreached}.`, {
      remedy: UNREACHED_REMEDY,
    });
  throw new OstinatoError('not-found', `${path} exports no flow "${exportName}".${didYouMean(exportName, names)}`, {
    remedy: names.length === 0 ? 'Export one: export const NAME = flow(…).' : `It exports: ${names.join(', ')}.`,
  });
}
