/** Artifacts: what a run shows to people. Artifacts of one key are versions of each other. */

import type { Artifact, ArtifactType } from '../core/artifact.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ArtifactId } from '../core/ids.ts';
import { currentFrame } from '../engine/run-context.ts';
import { currentPorts } from './runtime.ts';

export interface ArtifactOptions {
  /** Lower-case letters, digits and dashes. */
  readonly key?: string;
  /** Markdown above the artifact. */
  readonly description?: string;
}

/** Bytes; a larger picture belongs into a file or bucket, with a link. */
const IMAGE_BYTES_MAX = 2 * 1024 * 1024;

async function create(type: ArtifactType, data: unknown, options: ArtifactOptions): Promise<Artifact> {
  const ports = await currentPorts();
  const scope = currentFrame()?.scope;
  return await ports.client.control.artifacts.create({
    id: ports.ids.next<ArtifactId>(),
    key: options.key ?? null,
    type,
    description: options.description ?? null,
    data,
    flowRunId: scope?.flowRunId ?? null,
    taskRunId: scope?.taskRunId ?? null,
  });
}

export const artifacts = {
  markdown: (text: string, options: ArtifactOptions = {}): Promise<Artifact> => create('markdown', text, options),

  /** Rows as objects (a column a key), as arrays, or columns as arrays. Kept as JSON text, as Prefect's wire has it. */
  table: (
    rows:
      | readonly Readonly<Record<string, unknown>>[]
      | readonly (readonly unknown[])[]
      | Readonly<Record<string, readonly unknown[]>>,
    options: ArtifactOptions = {},
  ): Promise<Artifact> =>
    create(
      'table',
      JSON.stringify(rows, (_, value: unknown) =>
        typeof value === 'number' && !Number.isFinite(value)
          ? null
          : typeof value === 'bigint'
            ? value.toString()
            : value,
      ),
      options,
    ),

  link: (url: string, options: ArtifactOptions & { readonly text?: string } = {}): Promise<Artifact> =>
    create('link', `[${options.text ?? url}](${url})`, options),

  /** Returns a handle: `await (await artifacts.progress(0)).update(40)`. @param percent 0…100 */
  progress: async (percent: number, options: ArtifactOptions = {}): Promise<ProgressArtifact> =>
    new ProgressArtifact(await create('progress', checkPercent(percent), options)),

  /** @param image a URL, or the picture's bytes with its type (`{ bytes, type: 'image/png' }`) or an SVG text */
  image: (
    image: string | { readonly bytes: Uint8Array; readonly type: string } | { readonly svg: string },
    options: ArtifactOptions = {},
  ): Promise<Artifact> => create('image', imageUrl(image), options),
} as const;

export class ProgressArtifact {
  readonly artifact: Artifact;
  constructor(artifact: Artifact) {
    this.artifact = artifact;
  }

  async update(percent: number): Promise<void> {
    const ports = await currentPorts();
    await ports.client.control.artifacts.update(this.artifact.id, { data: checkPercent(percent) });
  }
}

function checkPercent(percent: number): number {
  if (percent >= 0 && percent <= 100) return percent;
  throw new OstinatoError('bad-input', `Progress is ${percent}; it must be a number from 0 to 100.`);
}

function imageUrl(
  image: string | { readonly bytes: Uint8Array; readonly type: string } | { readonly svg: string },
): string {
  if (typeof image === 'string') return image;
  const [type, bytes] = 'svg' in image ? ['image/svg+xml', Buffer.from(image.svg)] : [image.type, image.bytes];
  if (bytes.byteLength > IMAGE_BYTES_MAX) {
    throw new OstinatoError(
      'bad-input',
      `The picture has ${bytes.byteLength} bytes; an image artifact holds at most ${IMAGE_BYTES_MAX}.`,
      { remedy: 'Store it and keep its URL: artifacts.image(url).' },
    );
  }
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}
