/**
 * Links `node_modules/.bin/ostinato` to `bin/ostinato.js`, so that `npx ostinato …` works in a checkout after `npm ci`
 * alone.
 *
 * npm links the commands of dependencies, not those of the root package. `import … from 'ostinato'` needs no link: Node
 * resolves a package's own name through its "exports". Run by npm as the `prepare` script.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'node_modules', '.bin');
const link = join(folder, 'ostinato');

mkdirSync(folder, { recursive: true });
rmSync(link, { force: true });
if (process.platform === 'win32') {
  writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\bin\\ostinato.js" %*\r\n');
} else {
  symlinkSync(join('..', '..', 'bin', 'ostinato.js'), link);
  chmodSync(join(root, 'bin', 'ostinato.js'), 0o755);
}
