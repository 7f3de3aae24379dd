/**
 * The part of the arguments that futures lie in, and its copy with values in their places.
 *
 * 1. Every object is looked at once: cycles end, what is shared stays shared, the cost grows with the size and no
 *    faster. Nothing here calls itself: arguments may be nested as deep as they like.
 * 2. Only what futures (or marks) lie in is copied; everything else is handed on as the very object it was. The copy
 *    has the shape of the original: cycles, shared parts, holes, symbols, getters, frozenness.
 * 3. The copy is of the arguments as they were at the call.
 */

import { className } from '../core/codec-kinds.ts';
import { formatPath, type PathSegment } from '../core/codec-path.ts';
import { OstinatoError } from '../core/errors.ts';
import { isAnnotated } from './annotations.ts';
import { eachPart, segmentOf, shapeOf, type ContainerShape, type Shape } from './argument-parts.ts';
import type { RunFuture } from './future.ts';

/**
 * Below class instances no more than this is looked at. A value has few parts; what has more is a service (a connection
 * pool, a browser), and its insides are its own.
 */
const INSTANCE_PARTS_MAX = 10_000;
/**
 * Steps of the search for other arguments that share an object with futures in it. The search only adds edges to the
 * record; nothing waits for them.
 */
const EDGE_STEPS_MAX = 100_000;

type Snapshot =
  | {
      readonly shape: 'list';
      readonly length: number;
      readonly items: readonly (readonly [index: number, item: unknown])[];
      readonly frozen: boolean;
    }
  | {
      readonly shape: 'record';
      readonly prototype: object | null;
      readonly fields: Readonly<Record<PropertyKey, PropertyDescriptor>>;
      readonly frozen: boolean;
    }
  | { readonly shape: 'map'; readonly entries: readonly (readonly [unknown, unknown])[] }
  | { readonly shape: 'set'; readonly members: readonly unknown[] };

/** A future, and the root that it was found below. */
export interface FutureIn {
  readonly root: number;
  readonly future: RunFuture<unknown>;
  /** Marked `allowFailure`. */
  readonly lenient: boolean;
}

interface Node {
  readonly value: object;
  readonly shape: ContainerShape;
  /** The first root that it was reached from. */
  readonly root: number;
  /** The first path by which it was reached, for messages. */
  readonly from: Node | null;
  readonly key: PropertyKey;
  readonly holders: Node[];
  /** Futures in it, marked or not. */
  readonly futures: Omit<FutureIn, 'root'>[];
  /** Whether it, or anything below it, is replaced by a value. */
  changes: boolean;
}

/** What is marked, or the future, without its marks. */
export interface Bare {
  readonly value: unknown;
  readonly lenient: boolean;
  readonly opaque: boolean;
  readonly zipped: boolean;
}

export function bare(marked: unknown): Bare {
  let value = marked;
  let [lenient, zipped] = [false, false];
  while (isAnnotated(value)) {
    if (value.kind === 'opaque') return { value: value.value, lenient, opaque: true, zipped };
    if (value.kind === 'allowFailure') lenient = true;
    if (value.kind === 'zipped') zipped = true;
    value = value.value;
  }
  return { value, lenient, opaque: false, zipped };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Whether there is a future or a mark anywhere. Called for every call of a task, so it allocates as little as it can.
 */
export function holdsFutures(roots: readonly unknown[], known?: KnownValues): boolean {
  for (const root of roots) if (isObject(root) && known?.has(root) !== true) return search(roots, known);
  return false;
}

/** Values that are known to hold neither futures nor marks. */
export interface KnownValues {
  has(value: unknown): boolean;
}

function search(roots: readonly unknown[], known: KnownValues | undefined): boolean {
  let found = false;
  let seen: Set<object> | undefined;
  const data: object[] = [];
  const instances: object[] = [];
  const visit = (part: object): void => {
    if (found) return;
    const shape = shapeOf(part);
    if (shape === null) return;
    if (shape === 'future' || shape === 'mark') {
      found = true;
      return;
    }
    if ((seen ??= new Set()).has(part)) return;
    seen.add(part);
    (shape === 'instance' ? instances : data).push(part);
  };
  for (const root of roots) if (isObject(root) && known?.has(root) !== true) visit(root);
  for (let left = INSTANCE_PARTS_MAX; !found;) {
    let container = data.pop();
    if (container === undefined) {
      container = instances.pop();
      if (container === undefined || (left -= 1) < 0) return false;
    }
    eachPart(container, shapeOf(container) as ContainerShape, visit);
  }
  return true;
}

export class ArgumentGraph {
  /** Futures by the root that they were found below; the order is that of the roots. */
  readonly futures: FutureIn[] = [];
  readonly #roots: readonly unknown[];
  readonly #nodes = new Map<object, Node>();
  readonly #data: Node[] = [];
  readonly #instances: Node[] = [];
  /** Objects that were reached again from another root. */
  readonly #again: (readonly [root: number, node: Node])[] = [];
  readonly #snapshots = new Map<object, Snapshot>();
  #instancesLeft = INSTANCE_PARTS_MAX;
  #zipped = false;
  #opaque = false;
  readonly #adopt: ((value: object) => RunFuture<unknown> | null) | undefined;

  /** @param adopt makes a future of what is none but can be waited for */
  constructor(roots: readonly unknown[], adopt?: (value: object) => RunFuture<unknown> | null, known?: KnownValues) {
    this.#roots = roots;
    this.#adopt = adopt;
    for (let root = 0; root < roots.length; root += 1) if (known?.has(roots[root]) !== true) this.#explore(root);
    this.#spread();
    this.#attribute();
    for (const node of this.#nodes.values())
      if (node.changes && node.shape !== 'instance') this.#snapshots.set(node.value, snapshot(node));
  }

  #explore(root: number): void {
    const first = this.#roots[root];
    if (isObject(first)) this.#admit(first, null, '', root);
    for (;;) {
      let node = this.#data.pop();
      if (node === undefined) {
        node = this.#instances.pop();
        if (node === undefined) return;
        if ((this.#instancesLeft -= 1) < 0) continue;
      }
      const from = node;
      eachPart(node.value, node.shape, (part, key) => this.#admit(part, from, key, root));
    }
  }

  #admit(part: object, from: Node | null, key: PropertyKey, root: number): void {
    let shape: Shape | null = shapeOf(part);
    let value = part;
    let lenient = false;
    if (shape === 'mark') {
      if (from) from.changes = true;
      const inner = bare(part);
      this.#zipped ||= inner.zipped;
      this.#opaque ||= inner.opaque;
      if (inner.opaque || !isObject(inner.value)) return;
      ({ value, lenient } = inner as { value: object; lenient: boolean });
      shape = shapeOf(value);
    }
    if (shape === null || shape === 'mark') return;
    const future =
      shape === 'future' ? (value as RunFuture<unknown>) : shape === 'instance' ? (this.#adopt?.(value) ?? null) : null;
    if (future) {
      this.futures.push({ root, future, lenient });
      if (from === null) return;
      from.changes = true;
      from.futures.push({ future, lenient });
      return;
    }
    const known = this.#nodes.get(value);
    if (known) {
      if (from) known.holders.push(from);
      if (known.root !== root) this.#again.push([root, known]);
      return;
    }
    if (shape === 'future') return;
    const node: Node = { value, shape, root, from, key, holders: from ? [from] : [], futures: [], changes: false };
    this.#nodes.set(value, node);
    (shape === 'instance' ? this.#instances : this.#data).push(node);
  }

  /** Marks every object that contains a changed one as changed. */
  #spread(): void {
    const pending = [...this.#nodes.values()].filter((node) => node.changes);
    for (let node = pending.pop(); node; node = pending.pop()) {
      for (const holder of node.holders) {
        if (holder.changes) continue;
        holder.changes = true;
        pending.push(holder);
      }
    }
  }

  /** Finds the futures that a root shares with an earlier one. */
  #attribute(): void {
    if (this.#again.length === 0) return;
    let left = EDGE_STEPS_MAX;
    const seenBy = new Map<number, Set<Node>>();
    for (const [root, start] of this.#again) {
      let seen = seenBy.get(root);
      if (!seen) seenBy.set(root, (seen = new Set()));
      const pending = [start];
      for (let node = pending.pop(); node; node = pending.pop()) {
        if (!node.changes || node.root === root || seen.has(node) || (left -= 1) < 0) continue;
        seen.add(node);
        for (const found of node.futures) this.futures.push({ root, ...found });
        eachPart(node.value, node.shape, (part) => {
          const below = this.#nodes.get(isAnnotated(part) ? (bare(part).value as object) : part);
          if (below) pending.push(below);
        });
      }
    }
    this.futures.sort((a, b) => a.root - b.root);
  }

  get hasOpaque(): boolean {
    return this.#opaque;
  }

  /** An error for a future inside a class instance, or `zipped(…)` inside an argument; `null` when all is well. */
  refusal(nameOf: (root: number) => string): OstinatoError | null {
    if (this.#zipped) {
      return new OstinatoError(
        'bad-input',
        'zipped(…) has a meaning only as a further argument of map(), and there as a whole: inside an argument nothing walks it.',
        { remedy: 'Pass it as one of `with`: task.map(items, { with: [zipped(values)] }).' },
      );
    }
    for (const node of this.#nodes.values()) {
      if (!node.changes || node.shape !== 'instance') continue;
      const path: PathSegment[] = [];
      for (let at: Node = node; at.from !== null; at = at.from) path.push(segmentOf(at.from.shape, at.key));
      const where = formatPath(nameOf(node.root), path.reverse());
      return new OstinatoError(
        'bad-input',
        `\`${where}\` is a ${className(node.value)} that holds a future, and a class instance cannot be given the value in its place.`,
        {
          remedy:
            'Await the future first, pass it as an argument of its own, or wrap the instance in opaque(…) to pass it as it is, future and all.',
        },
      );
    }
    return null;
  }

  /** The roots with `valueOf` of every future and mark in its place. */
  copy(valueOf: (found: Bare) => unknown): readonly unknown[] {
    const copies = new Map<object, object>();
    for (const [original, { shape, ...rest }] of this.#snapshots) {
      copies.set(
        original,
        shape === 'list'
          ? []
          : shape === 'map'
            ? new Map()
            : shape === 'set'
              ? new Set()
              : (Object.create((rest as { prototype: object | null }).prototype) as object),
      );
    }
    const filled = (value: unknown): unknown => {
      if (!isObject(value)) return value;
      const copied = copies.get(value);
      if (copied) return copied;
      const shape = shapeOf(value);
      if (shape !== 'future' && shape !== 'mark') return value;
      const found = bare(value);
      const inner = !found.opaque && isObject(found.value) ? copies.get(found.value) : undefined;
      return inner ?? valueOf(found);
    };
    for (const [original, taken] of this.#snapshots) fill(copies.get(original) as object, taken, filled);
    return this.#roots.map(filled);
  }
}

function snapshot({ value, shape }: Node): Snapshot {
  switch (shape) {
    case 'list': {
      const list = value as readonly unknown[];
      return {
        shape,
        length: list.length,
        items: Object.keys(list)
          .map((key) => [Number(key), list[Number(key)]] as const)
          .filter(([index]) => Number.isInteger(index)),
        frozen: Object.isFrozen(value),
      };
    }
    case 'map':
      return {
        shape,
        entries: [...Map.prototype.entries.call(value as ReadonlyMap<unknown, unknown>)] as (readonly [
          unknown,
          unknown,
        ])[],
      };
    case 'set':
      return { shape, members: [...Set.prototype.values.call(value as ReadonlySet<unknown>)] };
    default:
      return {
        shape: 'record',
        prototype: Object.getPrototypeOf(value) as object | null,
        fields: Object.getOwnPropertyDescriptors(value),
        frozen: Object.isFrozen(value),
      };
  }
}

function fill(copy: object, taken: Snapshot, filled: (value: unknown) => unknown): void {
  switch (taken.shape) {
    case 'list': {
      const list = copy as unknown[];
      list.length = taken.length;
      for (const [index, item] of taken.items) list[index] = filled(item);
      if (taken.frozen) Object.freeze(list);
      return;
    }
    case 'map':
      for (const [key, item] of taken.entries) (copy as Map<unknown, unknown>).set(filled(key), filled(item));
      return;
    case 'set':
      for (const item of taken.members) (copy as Set<unknown>).add(filled(item));
      return;
    case 'record':
      for (const key of Reflect.ownKeys(taken.fields)) {
        const field = taken.fields[key] as PropertyDescriptor;
        // Defined, not assigned: getters and read-only fields keep their descriptors.
        Object.defineProperty(copy, key, 'value' in field ? { ...field, value: filled(field.value) } : field);
      }
      if (taken.frozen) Object.freeze(copy);
  }
}
