/** The walls between rooms: who may import whom, and where Node's modules and npm packages may be used. */
import { isTest, type Import, type Source } from './source.ts';

export interface Wall {
  /** Folders (ending in `/`) and files that the room may import, besides itself. */
  readonly rooms: readonly string[];
  /** The same, but only by `import()`, so that they load when they are needed. */
  readonly lazily?: readonly string[];
  /** Built-in modules: all, or these. */
  readonly node: true | readonly string[];
  /** npm packages. */
  readonly packages: true | readonly string[];
  /** npm packages that only types may come from: nothing of them is loaded. */
  readonly typesOf?: readonly string[];
}

const ANYTHING: Wall = { rooms: [''], node: true, packages: true };

/** The longest prefix of a file's path decides its room. */
export const WALLS: Readonly<Record<string, Wall>> = {
  'src/core/': { rooms: [], node: [], packages: [] },
  'src/contract/': { rooms: ['src/core/'], node: [], packages: [], typesOf: ['typebox'] },
  'src/platform/': {
    rooms: ['src/core/'],
    node: true,
    packages: ['@huggingface/jinja', 'acorn', 'ajv', 'ical.js', 'smol-toml'],
  },
  'src/store/': { rooms: ['src/core/'], node: [], packages: [] },
  'src/store/dialect/': { rooms: ['src/core/', 'src/store/'], node: true, packages: ['pg'] },
  'src/orchestrator/': { rooms: ['src/core/', 'src/store/port.ts', 'src/store/port/'], node: [], packages: [] },
  'src/services/': {
    rooms: ['src/core/', 'src/store/port.ts', 'src/store/port/', 'src/orchestrator/'],
    node: [],
    packages: [],
  },
  'src/api/': {
    rooms: ['src/core/', 'src/contract/', 'src/orchestrator/'],
    node: ['node:http', 'node:stream', 'node:crypto', 'node:zlib'],
    packages: ['fastify', 'ws'],
  },
  'src/notify/': { rooms: ['src/core/', 'src/platform/'], node: ['node:crypto', 'node:net'], packages: ['nodemailer'] },
  'src/client/': { rooms: ['src/core/', 'src/contract/'], node: [], packages: [] },
  'src/engine/': { rooms: ['src/core/', 'src/client/'], node: ['node:async_hooks'], packages: [] },
  'src/sdk/': {
    rooms: ['src/core/', 'src/client/', 'src/engine/', 'src/platform/'],
    lazily: ['src/server/embedded.ts'],
    node: ['node:async_hooks'],
    packages: [],
    // The interface that zod, valibot, arktype and others implement.
    typesOf: ['@standard-schema/spec'],
  },
  'src/worker/': { rooms: ['src/core/', 'src/contract/', 'src/client/', 'src/platform/'], node: [], packages: [] },
  'src/server/': {
    rooms: [
      'src/core/',
      'src/contract/',
      'src/platform/',
      'src/store/',
      'src/orchestrator/',
      'src/services/',
      'src/api/',
      'src/client/',
      'src/doors/',
    ],
    // With the first notification.
    lazily: ['src/notify/'],
    node: true,
    packages: ['fastify'],
  },
  'src/cli/': {
    rooms: ['src/core/', 'src/contract/', 'src/client/', 'src/sdk/', 'src/worker/', 'src/platform/'],
    lazily: ['src/server/'],
    node: true,
    packages: ['commander', 'yaml'],
  },
  // What the package's name leads to, and the command: plain JavaScript that loads the rest.
  'src/doors/': { rooms: ['src/index.ts', 'src/testing.ts'], node: true, packages: [] },
  'src/testing/': ANYTHING,
  'src/index.ts': {
    // What somebody implements for a worker of their own: types alone.
    rooms: ['src/core/', 'src/client/', 'src/engine/', 'src/sdk/', 'src/worker/infrastructure.ts'],
    node: [],
    packages: [],
  },
  'src/client.ts': { rooms: ['src/core/', 'src/contract/', 'src/client/'], node: [], packages: [] },
  'src/server.ts': { rooms: ['src/core/', 'src/server/'], node: [], packages: [] },
  'src/worker.ts': { rooms: ['src/core/', 'src/worker/'], node: [], packages: [] },
  'src/testing.ts': { rooms: ['src/core/', 'src/testing/'], node: [], packages: [] },
  'examples/': { rooms: [], node: true, packages: true },
  // The pages take types from the contract, and everything else over HTTP.
  'ui/': { rooms: ['ui/', 'src/contract/'], node: [], packages: true },
  'ui/api/': { rooms: ['src/contract/'], node: [], packages: ['react', '@tanstack/react-query'] },
  'ui/components/': { rooms: [], node: [], packages: ['react', 'react-dom', 'dompurify', 'markdown-it'] },
  'ui/graph/': { rooms: ['ui/api/', 'ui/components/', 'ui/features/states/'], node: [], packages: ['react'] },
  'ui/features/': {
    rooms: ['ui/api/', 'ui/components/', 'ui/graph/'],
    node: [],
    packages: ['react', '@tanstack/react-query', '@tanstack/react-router', '@tanstack/react-virtual', 'yaml'],
  },
  'ui/routes/': {
    rooms: ['ui/api/', 'ui/components/', 'ui/features/'],
    node: [],
    packages: ['react', '@tanstack/react-router'],
  },
  'integrations/': { rooms: [], node: true, packages: true },
  'sim/': ANYTHING,
  'bench/': ANYTHING,
  'tests/': ANYTHING,
  'scripts/': ANYTHING,
};

/** The room of a file: a key of `WALLS`, or `null` for a file in no room. */
export function roomOf(path: string): string | null {
  const keys = Object.keys(WALLS).filter((key) => path.startsWith(key));
  return keys.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** One sentence for each import that goes through a wall. */
export function findBreaches(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const room = roomOf(source.path);
    const wall = room === null ? undefined : WALLS[room];
    if (room === null || wall === undefined)
      return [`${source.path} is in no room: put it into one, or give tests/house/walls.ts a new one.`];
    if (isTest(source.path)) return [];
    return source.imports
      .filter((entry) => !isAllowed(entry, room, wall))
      .map(
        ({ line, specifier, target }) =>
          `${source.path}:${line} imports ${target ?? specifier}, which ${room} may not.`,
      );
  });
}

function isAllowed({ specifier, target, kind, isTypeOnly }: Import, room: string, wall: Wall): boolean {
  if (target === null) {
    if (specifier.startsWith('node:')) return isTypeOnly || wall.node === true || wall.node.includes(specifier);
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    return (
      wall.packages === true || wall.packages.includes(name) || (isTypeOnly && (wall.typesOf?.includes(name) ?? false))
    );
  }
  if (room.startsWith('ui/') && !target.startsWith('ui/') && !isTypeOnly) return false;
  const open = kind === 'static' ? wall.rooms : [...wall.rooms, ...(wall.lazily ?? [])];
  // A door file is a room of one file; every other room may use all of itself.
  const isOwn = target.startsWith(room) && roomOf(target) === room;
  return isOwn || open.some((entry) => (entry.endsWith('.ts') ? target === entry : target.startsWith(entry)));
}
