/** Where cache policies may keep their keys. */

export { cacheFolder, type CacheFolderOptions } from '../platform/cache-folder.ts';
