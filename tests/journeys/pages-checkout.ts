/** A checkout whose pages take as long to build as a test wants. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './launch.ts';

/** In `folder`/checkout: its build of the pages goes on when the file `go-on` is there. @returns its root */
export function makePagesCheckout(folder: string): string {
  const checkout = join(folder, 'checkout');
  for (const part of ['src', 'bin', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  mkdirSync(join(checkout, 'ui'));
  mkdirSync(join(checkout, 'scripts'));
  writeFileSync(
    join(checkout, 'scripts', 'build-ui.ts'),
    `
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
while (!existsSync('go-on')) await pause(20);
mkdirSync('ui/dist', { recursive: true });
for (const name of ['.built-from', 'index.html']) writeFileSync('ui/dist/' + name, 'the pages');
`,
  );
  return checkout;
}
