/**
 * `npm run typecheck`: the package, then the pages, which have a browser's types instead of Node's. What has not
 * changed since the last time is not checked again: a tenth of the work.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const memory = join(root, 'node_modules', '.cache', 'typecheck');
const statuses = ['tsconfig.json', 'ui/tsconfig.json', 'ui/tsconfig.test.json'].map((project) => {
  const incremental = [
    '--incremental',
    '--tsBuildInfoFile',
    join(memory, `${project.replaceAll('/', '-')}.tsbuildinfo`),
  ];
  return spawnSync(
    process.execPath,
    [compiler, '-p', join(root, project), '--noEmit', '--pretty', 'false', ...incremental],
    { cwd: root, stdio: 'inherit' },
  ).status;
});
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
