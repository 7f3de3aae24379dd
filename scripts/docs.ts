/** `npm run docs`: writes the pages of `docs/reference/` that are made from the code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { referencePages } from './reference.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'reference');
mkdirSync(folder, { recursive: true });
for (const [name, text] of await referencePages()) {
  writeFileSync(join(folder, name), text);
  console.log(`docs/reference/${name}`);
}
