/** What a server needs to keep blocks: a hash function, and an encryption key in a file beside the database. */

import { hash } from 'node:crypto';
import { join } from 'node:path';

import type { BlockKeeping } from '../orchestrator/blocks/ports.ts';
import { keyFile, secretBox } from '../platform/secret-box.ts';

/** In the home; only its owner can read it. */
const KEY_FILE = 'secrets.key';

/** @param encryptionKeys keys in base64, the encrypting one first; `null`: from the key file, created on first use */
export function blockKeeping(home: string, encryptionKeys: string | null): BlockKeeping {
  return {
    secrets: secretBox(encryptionKeys === null ? keyFile(join(home, KEY_FILE)) : () => encryptionKeys),
    sha256: (text) => hash('sha256', text, 'hex'),
  };
}
