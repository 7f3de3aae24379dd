import type { Secrets } from '../../core/blocks/block.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { OrchestratorPorts } from '../ports.ts';

export interface BlockPorts extends Pick<OrchestratorPorts, 'storage' | 'clock' | 'ids'> {
  /** Absent where nobody keeps blocks (an embedded store). */
  readonly blockKeeping?: BlockKeeping | undefined;
}

export interface BlockKeeping {
  readonly secrets: Secrets;
  /** Hexadecimal digits of the SHA-256 of the text in UTF-8. */
  readonly sha256: (text: string) => string;
}

/** @throws `unsupported` where no blocks are kept */
export function keepingOf({ blockKeeping }: BlockPorts): BlockKeeping {
  if (blockKeeping) return blockKeeping;
  throw new OstinatoError('unsupported', 'Blocks are kept by a server.', {
    remedy: 'Start one: ostinato server start',
  });
}
