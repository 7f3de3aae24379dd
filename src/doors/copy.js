/**
 * Which form of the package this is: the sources, which Node runs as they are, or what was bundled of them, as Node
 * strips no types below `node_modules`. Both have the same doors at the same addresses, so what `npm pack` makes needs
 * no manifest of its own.
 *
 * Plain JavaScript without anything newer than Node 18, because it has to explain itself on an old one.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

import { enableCompileCache } from './compile-cache.js';

const NODE_MAJOR_MIN = 24;

const require = createRequire(import.meta.url);
const isSource = existsSync(new URL('../index.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) throw tooOld();
// Before anything is compiled that it could keep.
enableCompileCache();

/**
 * `require` and not `await import`: CommonJS programs can load a door only when nothing behind it awaits.
 *
 * @param {string} name of a module of `src/`, without its ending
 */
export function load(name) {
  return require(isSource ? `../${name}.ts` : `../../dist/${name}.js`);
}

/** One line: where in this file it was thrown helps nobody. */
function tooOld() {
  const message = `Ostinato needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}. Bring one along with the project: npm install --save-dev node, then start programs by npm scripts or npx: npx node FILE`;
  const error = new Error(message);
  const hidden = { name: 'OstinatoError', code: 'bad-input', stack: message };
  for (const key of Object.keys(hidden)) Object.defineProperty(error, key, { value: hidden[key], enumerable: false });
  return error;
}
