/** Blocks that can notify, made over the API, and a receiver of what they send. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';

type Fields = Readonly<Record<string, unknown>>;
type Post = (path: string, body: unknown) => Promise<unknown>;

/** @param post to a path below `/api` @returns the id of the block */
export async function makeChannel(post: Post, slug: string, name: string, data: Fields): Promise<string> {
  await post('/block_types/install_system_block_types', {});
  const [type] = (await post('/block_types/filter', { block_types: { slug: { any_: [slug] } } })) as readonly Fields[];
  const wanted = { block_schemas: { block_type_id: { any_: [type?.['id']] } } };
  const [schema] = (await post('/block_schemas/filter', wanted)) as readonly Fields[];
  const document = { name, data, block_type_id: type?.['id'], block_schema_id: schema?.['id'] };
  const { id } = (await post('/block_documents/', document)) as { readonly id: string };
  return id;
}

export interface Receiver {
  readonly url: string;
  readonly heard: string[];
  /** What it answers. */
  answer: { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };
  close(): void;
}

export async function openReceiver(): Promise<Receiver> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      heard.push(body);
      const { status, body: said, headers = {} } = receiver.answer;
      response.writeHead(status, headers).end(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answer: { status: 200, body: 'ok' },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}
