/** Whence a version of a deployment comes: who, which file, which commit. */

import type { VersionSource } from '../client/control/deployments.ts';
import { originOfFile, originOfProgram, type FileOrigin } from '../platform/file-origin.ts';
import { thisUser } from '../platform/this-user.ts';

/** @param path absolute. @param shown as people call it */
export async function sourceOfFile(path: string, shown: string, text: string): Promise<VersionSource> {
  return sourceOf(await originOfFile(path, shown, text));
}

export async function sourceOfProgram(path: string): Promise<VersionSource> {
  const origin = await originOfProgram(path);
  return origin === null ? sourceByHand() : sourceOf(origin);
}

export function sourceByHand(): VersionSource {
  return { by: thisUser() };
}

function sourceOf({ file, checksum, git }: FileOrigin): VersionSource {
  return {
    ...sourceByHand(),
    file,
    checksum,
    git_commit: git?.commit ?? null,
    git_branch: git?.branch ?? null,
    is_git_dirty: git?.isDirty ?? null,
  };
}
