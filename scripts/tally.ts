/**
 * Counts what node's test runner reports.
 *
 * Stricter than the runner: a file in which no test ran, and a test that was skipped or left as "to do", fail the run,
 * because neither shows that anything works.
 */

/** The parts of node's `test:pass`, `test:fail` and `test:summary` events that are counted. */
export interface TestReport {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string | undefined;
    readonly nesting?: number;
    readonly skip?: string | boolean | undefined;
    readonly todo?: string | boolean | undefined;
    readonly details?: { readonly type?: string | undefined; readonly error?: unknown } | undefined;
  };
}

export interface Failure {
  readonly name: string;
  readonly file: string;
  readonly error: unknown;
}

export class Tally {
  passed = 0;
  skipped = 0;
  readonly failures: Failure[] = [];
  readonly #files: ReadonlySet<string>;

  constructor(files: Iterable<string>) {
    this.#files = new Set(files);
  }

  get failed(): number {
    return this.failures.length;
  }

  add({ type, data }: TestReport): void {
    const name = data.name ?? '';
    const file = data.file ?? '';
    // The runner makes one test of a whole file when the file ended without any, or ended badly.
    const wholeFile = data.nesting === 0 && this.#files.has(name);
    if (type === 'test:fail') this.#fail(name, file, data.details);
    if (type !== 'test:pass' || data.details?.type === 'suite') return;
    if (isMarked(data.skip) || isMarked(data.todo)) this.skipped += 1;
    else if (wholeFile) this.failures.push({ name, file, error: new Error('No test ran in this file.') });
    else this.passed += 1;
  }

  /** A check that is no test, such as the type-checker. */
  addCheck(name: string, ok: boolean, output: string): void {
    if (ok) this.passed += 1;
    else this.failures.push({ name, file: '', error: output });
  }

  /** Whether everything that ought to have run did, and passed. */
  get isGreen(): boolean {
    return this.passed > 0 && this.failed === 0 && this.skipped === 0;
  }

  /** The closing line, in the one form that tools read. */
  get closingLine(): string {
    return `${this.passed} passed, ${this.failed} failed${this.skipped === 0 ? '' : `, ${this.skipped} skipped`}`;
  }

  #fail(name: string, file: string, details: TestReport['data']['details']): void {
    // A parent fails because its child did: the child is the one to count.
    const failureType = (details?.error as { failureType?: string } | undefined)?.failureType;
    if (failureType === 'subtestsFailed') return;
    this.failures.push({ name, file, error: details?.error });
  }
}

/** Node marks with `true`, a reason, or an empty reason; absent and `false` mean "not". */
function isMarked(mark: string | boolean | undefined): boolean {
  return mark !== undefined && mark !== false;
}
