/**
 * Asks both servers, first what shows the known differences, then what the generator makes; says what they answered
 * differently.
 */
import { Chance } from './chance.ts';
import type { Difference } from './compare.ts';
import { readDescription } from './description.ts';
import { Generator, type Request } from './generator.ts';
import { KNOWN, knownFor, type Known } from './known-differences.ts';
import { HINTS } from './nouns.ts';
import { Pair, type Exchange } from './pair.ts';
import { Things } from './things.ts';

export interface Explored {
  readonly requests: number;
  /** By status of Prefect's answers. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Differences that the table does not have: of each kind one, as a text to be read. */
  readonly unknown: readonly string[];
  /** Lines of the table that nothing showed. */
  readonly unseen: readonly Known[];
}

export interface ExploreOptions {
  /** Both end in `/api`. */
  readonly theirs: string;
  readonly ours: string;
  readonly seeds: readonly number[];
  /** Of each seed. */
  readonly requests: number;
}

export async function explore({ theirs, ours, seeds, requests }: ExploreOptions): Promise<Explored> {
  const description = await readDescription(theirs);
  const [unknown, seen, statuses] = [new Map<string, string>(), new Set<Known>(), new Map<number, number>()];
  const hear = (exchange: Exchange): void => {
    statuses.set(exchange.theirs.status, (statuses.get(exchange.theirs.status) ?? 0) + 1);
    for (const difference of exchange.differences) {
      const known = knownFor(exchange.request, difference);
      if (known) seen.add(known);
      else unknown.set(`${exchange.request.key} ${difference.at}`, told(exchange, difference));
    }
  };
  let count = 0;
  for (const [index, seed] of seeds.entries()) {
    const chance = new Chance(seed);
    const things = new Things(chance);
    const pair = new Pair({ theirs, ours }, things);
    for (const request of requestsOf(
      index === 0 ? shown() : [],
      new Generator(chance, things, description),
      requests,
    )) {
      hear(await pair.exchange(request));
      count += 1;
    }
  }
  return {
    requests: count,
    statuses,
    unknown: [...unknown.values()],
    unseen: KNOWN.filter((known) => !seen.has(known)),
  };
}

function* requestsOf(first: readonly Request[], generator: Generator, count: number): Iterable<Request> {
  yield* first;
  for (let left = count; left > 0; left -= 1) yield generator.next();
}

/** What the table itself asks. */
function shown(): readonly Request[] {
  return KNOWN.flatMap(({ shown: asked = [] }) =>
    asked.map(([key, path, body]): Request => ({
      key,
      method: key.split(' ')[0] as string,
      path,
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      odd: null,
      hint: HINTS[key] ?? {},
      isPart: false,
    })),
  );
}

function told({ request, theirs, ours }: Exchange, difference: Difference): string {
  const asked = `${request.method} ${request.path} ${request.body?.slice(0, 600) ?? ''}`.trim();
  return [
    asked,
    ...(request.odd === null ? [] : [`(${request.odd})`]),
    `${difference.at}: theirs (${theirs.status}) ${difference.theirs}`,
    `${' '.repeat(difference.at.length)}  ours   (${ours.status}) ${difference.ours}`,
  ].join('\n    ');
}
