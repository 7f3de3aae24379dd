/** A registry of images on loopback, with one image of one layer: as much of the protocol as an engine fetches with. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ImageRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  /** From now on the repository has this image. @param layer an archive of its files */
  put(repository: string, tag: string, layer: Buffer, config: object): void;
  close(): Promise<void>;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

export async function startRegistry(): Promise<ImageRegistry> {
  const answers = new Map<string, { readonly type: string; readonly bytes: Buffer; readonly digest: string }>();
  const asked: string[] = [];
  const server = createServer(({ method, url = '' }, response) => {
    asked.push(url);
    const found = answers.get(url);
    if (url === '/v2/') response.end('{}');
    else if (found === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":[]}');
    else {
      const { type, bytes, digest } = found;
      response.writeHead(200, {
        'content-type': type,
        'content-length': bytes.length,
        'docker-content-digest': digest,
      });
      response.end(method === 'HEAD' ? undefined : bytes);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const keep = (repository: string, kind: string, type: string, bytes: Buffer, name?: string) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    for (const each of [digest, ...(name === undefined ? [] : [name])])
      answers.set(`/v2/${repository}/${kind}/${each}`, { type, bytes, digest });
    return { mediaType: type, size: bytes.length, digest };
  };
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    put(repository, tag, layer, config) {
      const kept = keep(repository, 'blobs', 'application/vnd.oci.image.layer.v1.tar', layer);
      const described = {
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        os: 'linux',
        config,
        rootfs: { type: 'layers', diff_ids: [kept.digest] },
      };
      const text = Buffer.from(JSON.stringify(described));
      const manifest = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: keep(repository, 'blobs', 'application/vnd.oci.image.config.v1+json', text),
        layers: [kept],
      };
      keep(repository, 'manifests', MANIFEST, Buffer.from(JSON.stringify(manifest)), tag);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
