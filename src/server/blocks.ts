/** What the server needs to keep blocks: a digest, and a key that lies beside the database. */

import { hash } from 'node:crypto';
import { join } from 'node:path';

import type { BlockKeeping } from '../orchestrator/blocks/ports.ts';
import { keyFile, secretBox } from '../platform/secret-box.ts';

/** In the home; only its owner can read it. */
const KEY_FILE = 'secrets.key';

/** @param encryptionKeys keys in base64, the one that seals first; `null`: from the key file, which is made when it is needed */
export function blockKeeping(home: string, encryptionKeys: string | null): BlockKeeping {
  return {
    secrets: secretBox(encryptionKeys === null ? keyFile(join(home, KEY_FILE)) : () => encryptionKeys),
    sha256: (text) => hash('sha256', text, 'hex'),
  };
}
