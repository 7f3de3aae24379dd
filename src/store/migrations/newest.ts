/** What a database has of the list, told without the list itself, which a database that has all of it does not need. */

/** Migrations are numbered from 1 on, without gaps. */
export const NEWEST_VERSION = 33;

/** A migration as recorded in the database. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly breaking: boolean;
}

export type MigrationPlan =
  | { readonly status: 'current' }
  | { readonly status: 'behind'; readonly missing: readonly number[] }
  /** A newer program has changed the database in a way that this one does not understand. */
  | { readonly status: 'newer'; readonly first: AppliedMigration };

export function planMigrations(applied: readonly AppliedMigration[], newest: number = NEWEST_VERSION): MigrationPlan {
  const first = applied.find((migration) => migration.breaking && migration.version > newest);
  if (first) return { status: 'newer', first };
  const done = new Set(applied.map((migration) => migration.version));
  const missing = Array.from({ length: newest }, (_, index) => index + 1).filter((version) => !done.has(version));
  return missing.length === 0 ? { status: 'current' } : { status: 'behind', missing };
}
