/** Finds the number of a task run's shape (see `rows/task-run.ts`), inserting the shape when it is new. */

import type { TaskRun, TaskRunPolicy } from '../../../core/task-run.ts';
import { taskShapeOf, type TaskShape } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';

/** Shapes remembered by this process, so that a batch asks the database only for new ones; some hundred bytes each. */
const SHAPES_REMEMBERED_MAX = 10_000;

export class TaskShapes {
  readonly #connection: Connection;
  /** The newest shape of each task: runs of one task tend to come from one call site. */
  readonly #newest = new Map<string, { readonly shape: TaskShape; readonly id: number }>();
  readonly #ids = new Map<string, number>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Must not be called inside a transaction: a number that is remembered must not be rolled back. */
  idOf(run: TaskRun): number {
    const newest = this.#newest.get(run.taskKey);
    if (newest && isSameShape(newest.shape, run)) return newest.id;
    const shape = taskShapeOf(run);
    const body = JSON.stringify(shape);
    const id = this.#ids.get(body) ?? this.#insert(run.taskKey, body);
    if (this.#newest.size >= SHAPES_REMEMBERED_MAX) this.#newest.clear();
    this.#newest.set(run.taskKey, { shape, id });
    return id;
  }

  /** After a transaction was rolled back under which shapes were inserted. */
  forget(): void {
    this.#newest.clear();
    this.#ids.clear();
  }

  /** For one run inside a transaction: nothing is remembered, since it may be rolled back. */
  idWithin(run: TaskRun): number {
    const body = JSON.stringify(taskShapeOf(run));
    const known = this.#ids.get(body);
    if (known !== undefined) return known;
    const find = this.#connection.statement('SELECT id FROM task_shape WHERE body = ?');
    const found = find.get(body);
    if (found) return Number(found['id']);
    const made = this.#connection.statement('INSERT INTO task_shape (task_key, body) VALUES (?, ?)').run(run.taskKey, body);
    return Number(made.lastInsertRowid);
  }

  #insert(taskKey: string, body: string): number {
    const find = this.#connection.statement('SELECT id FROM task_shape WHERE body = ?');
    const found =
      this.#connection.read(() => find.get(body)) ??
      this.#connection.write(() => {
        this.#connection.statement('INSERT OR IGNORE INTO task_shape (task_key, body) VALUES (?, ?)').run(taskKey, body);
        return find.get(body);
      });
    const id = Number(found?.['id']);
    if (this.#ids.size >= SHAPES_REMEMBERED_MAX) this.#ids.clear();
    this.#ids.set(body, id);
    return id;
  }
}

function isSameShape(a: TaskShape, b: TaskShape): boolean {
  return (
    a.callSite === b.callSite && a.sourceHash === b.sourceHash && a.mapId === b.mapId && a.taskName === b.taskName &&
    a.durability === b.durability && a.isolation === b.isolation && isSameList(a.tags, b.tags) && isSamePolicy(a.policy, b.policy) &&
    (a.about === b.about || (a.about?.version === b.about?.version && a.about?.description === b.about?.description))
  );
}

function isSamePolicy(a: TaskRunPolicy, b: TaskRunPolicy): boolean {
  return a === b || (
    a.retries === b.retries && a.retryJitterFactor === b.retryJitterFactor && a.timeoutSeconds === b.timeoutSeconds &&
    isSameList(a.retryDelaySeconds, b.retryDelaySeconds)
  );
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
