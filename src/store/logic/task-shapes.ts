/** Finds the number of a task run's shape (see `rows/task-run.ts`), inserting the shape when it is new. */

import type { TaskRun, TaskRunPolicy } from '../../core/task-run.ts';
import type { Statements, Work } from '../driver.ts';
import { taskShapeOf, type TaskShape } from '../rows/task-run.ts';

/** Shapes that this process has cached, so that a batch only queries new ones; some hundred bytes each. */
const SHAPES_REMEMBERED_MAX = 10_000;

export class TaskShapes {
  /** The newest shape of each task: runs of one task tend to come from one call site. */
  readonly #newest = new Map<string, { readonly shape: TaskShape; readonly id: number }>();
  readonly #ids = new Map<string, number>();

  /** The number of the shape, if it is cached. */
  known(run: TaskRun): number | undefined {
    const newest = this.#newest.get(run.taskKey);
    if (newest && isSameShape(newest.shape, run)) return newest.id;
    const shape = taskShapeOf(run);
    const id = this.#ids.get(JSON.stringify(shape));
    if (id !== undefined) this.#rememberNewest(run.taskKey, shape, id);
    return id;
  }

  /** Call with a committed number only: one that was rolled back must not be cached. */
  remember(run: TaskRun, id: number): void {
    const shape = taskShapeOf(run);
    if (this.#ids.size >= SHAPES_REMEMBERED_MAX) this.#ids.clear();
    this.#ids.set(JSON.stringify(shape), id);
    this.#rememberNewest(run.taskKey, shape, id);
  }

  #rememberNewest(taskKey: string, shape: TaskShape, id: number): void {
    if (this.#newest.size >= SHAPES_REMEMBERED_MAX) this.#newest.clear();
    this.#newest.set(taskKey, { shape, id });
  }

  /** Call after a transaction that inserted shapes was rolled back. */
  forget(): void {
    this.#newest.clear();
    this.#ids.clear();
  }

  /** For one run inside a transaction: nothing is remembered, since it may be rolled back. */
  *idWithin(db: Statements, run: TaskRun): Work<number> {
    const body = JSON.stringify(taskShapeOf(run));
    return this.#ids.get(body) ?? (yield* find(db, body)) ?? (yield* insert(db, run.taskKey, body));
  }

  /** `undefined`: there is no such shape. */
  find(db: Statements, run: TaskRun): Work<number | undefined> {
    return find(db, JSON.stringify(taskShapeOf(run)));
  }
}

/** For many runs in one transaction. A shape may be new and the transaction rolled back: this cache ends with it. */
export class ShapesWithin {
  readonly #db: Statements;
  readonly #shapes: TaskShapes;
  readonly #ids = new Map<string, number>();

  constructor(db: Statements, shapes: TaskShapes) {
    this.#db = db;
    this.#shapes = shapes;
  }

  *idOf(run: TaskRun): Work<number> {
    const body = JSON.stringify(taskShapeOf(run));
    const known = this.#ids.get(body);
    if (known !== undefined) return known;
    const id = yield* this.#shapes.idWithin(this.#db, run);
    this.#ids.set(body, id);
    return id;
  }
}

function* find(db: Statements, body: string): Work<number | undefined> {
  const row = yield* db.get<{ readonly id: number }>('SELECT id FROM task_shape WHERE body = ?', body);
  return row?.id;
}

function* insert(db: Statements, taskKey: string, body: string): Work<number> {
  const made = yield* db.insert(
    'id',
    'INSERT INTO task_shape (task_key, body) VALUES (?, ?) ON CONFLICT DO NOTHING',
    taskKey,
    body,
  );
  return made ?? ((yield* find(db, body)) as number);
}

function isSameShape(a: TaskShape, b: TaskShape): boolean {
  return (
    a.callSite === b.callSite &&
    a.sourceHash === b.sourceHash &&
    a.mapId === b.mapId &&
    a.taskName === b.taskName &&
    a.durability === b.durability &&
    a.isolation === b.isolation &&
    isSameList(a.tags, b.tags) &&
    isSamePolicy(a.policy, b.policy) &&
    (a.about === b.about || (a.about?.version === b.about?.version && a.about?.description === b.about?.description))
  );
}

function isSamePolicy(a: TaskRunPolicy, b: TaskRunPolicy): boolean {
  return (
    a === b ||
    (a.retries === b.retries &&
      a.retryJitterFactor === b.retryJitterFactor &&
      a.timeoutSeconds === b.timeoutSeconds &&
      isSameList(a.retryDelaySeconds, b.retryDelaySeconds))
  );
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
