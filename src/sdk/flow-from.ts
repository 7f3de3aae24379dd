/** `flow.from(source, options)`: a flow whose code lies in a repository or a folder, to be deployed or served. */

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { cloneName, isBranch, isCommit, protocolsOf, showRepository } from '../core/pull-steps/repository.ts';
import { loadMode, setLoadMode } from '../engine/registry.ts';
import { cloneForProcess, sourceFile } from '../platform/source-folder.ts';
import { checker, checkKeys, isBoolean, isText } from './check-options.ts';
import { readExportedFlows, type AnyFlow } from './flow-file.ts';
import { FROM_KEYS, type FromOptions } from './from-options.ts';
import { rememberSource } from './flow-sources.ts';

export async function flowFrom(source: string, options: FromOptions): Promise<AnyFlow> {
  checkFrom(source, options);
  const { entrypoint, branch = null, commit = null, submodules = false } = options;
  const colon = entrypoint.lastIndexOf(':');
  const [file, exportName] = [entrypoint.slice(0, colon), entrypoint.slice(colon + 1)];
  const protocols = isFolder(source) ? null : protocolsOf(source);
  const folder =
    protocols === null
      ? source
      : await cloneForProcess({
          repository: source,
          protocols,
          branch,
          commit,
          submodules,
          directories: [],
          into: cloneName(source, branch),
          login: null,
        });
  const path = sourceFile(folder, file, showRepository(source));
  const flow = await loadFlow(path, exportName);
  const step = { repository: source, branch, commit_sha: commit, include_submodules: submodules };
  const said = Object.entries(step).filter(([name, value]) => name === 'branch' || (value !== null && value !== false));
  if (protocols !== null)
    rememberSource(path, { file, pullSteps: [{ 'prefect.deployments.steps.git_clone': Object.fromEntries(said) }] });
  return flow;
}

/** A word that is no address of a repository is a folder of this machine. */
function isFolder(source: string): boolean {
  return !/^[\w+.-]+:\/\/|^[^/]+@[^/]+:/.test(source) && !source.endsWith('.git');
}

async function loadFlow(path: string, exportName: string): Promise<AnyFlow> {
  const mode = loadMode();
  try {
    const flows = await readExportedFlows(path);
    const found =
      flows.find((flow) => flow.exportName === exportName) ?? flows.find(({ flow }) => flow.flowName === exportName);
    if (found !== undefined) return found.flow;
    const names = flows.map((flow) => flow.exportName);
    throw new OstinatoError('not-found', `${path} exports no flow "${exportName}".${didYouMean(exportName, names)}`, {
      remedy: names.length === 0 ? 'Export one: export const NAME = flow(…).' : `It exports: ${names.join(', ')}.`,
    });
  } finally {
    setLoadMode(mode);
  }
}

function checkFrom(source: unknown, options: FromOptions): void {
  if (!isText(source) || source === '')
    throw new OstinatoError('bad-input', 'flow.from() was not told where the code is.', {
      remedy: "Write, for instance: await flow.from('https://example.org/flows.git', { entrypoint: 'flows.ts:sales' })",
    });
  checkKeys('flow.from()', options, FROM_KEYS);
  const check = checker('flow.from()', options);
  check('entrypoint', (value) => isText(value) && /^[^:].*:[^:]+$/.test(value as string), 'FILE:EXPORT');
  check('branch', (value) => isText(value) && isBranch(value as string), 'the name of a branch');
  check('commit', (value) => isText(value) && isCommit(value as string), '7 to 64 hexadecimal digits');
  check('submodules', isBoolean, 'true or false');
  if (options.entrypoint === undefined)
    throw new OstinatoError('bad-input', 'flow.from() was not told which flow.', {
      remedy: "Write, for instance: entrypoint: 'flows.ts:sales'",
    });
  if (!isFolder(source as string) && protocolsOf(source as string) === null)
    throw new OstinatoError(
      'bad-input',
      `${JSON.stringify(showRepository(source as string))} is no address of a repository.`,
      { remedy: 'Write https://…, ssh://…, file:///… or git@HOST:PATH, or the path of a folder.' },
    );
}
