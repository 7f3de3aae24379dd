/**
 * What `doors/ostinato.js` loads: switches the compile cache on, then hands over to `index.ts`.
 *
 * Static imports are compiled before any line runs, so the cache must be on one file earlier. `require` and not a top-level
 * `await import`: CommonJS programs can load a door only when no module behind it awaits. The SDK may be that of another copy of
 * the package, which was loaded before: see `platform/copies.ts`.
 */

import { createRequire } from 'node:module';
import { enableCompileCache } from './platform/compile-cache.ts';

enableCompileCache();
const { sdkOfProcess } = createRequire(import.meta.url)(`./platform/copies${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`) as typeof import('./platform/copies.ts');
export const sdk = sdkOfProcess() as typeof import('./index.ts');
