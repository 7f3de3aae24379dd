/** Compile-time assertions: a mismatch is an error of the type check. Nothing here runs. */

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

interface TypeOf<Actual> {
  /** Compiles only when the type is exactly this one. */
  is<Expected>(...mismatch: Equal<Actual, Expected> extends true ? [] : [expected: Expected, actual: Actual]): void;
}

export declare function expectType<Actual>(value: Actual): TypeOf<Actual>;
/** Of a promise or future: the type that awaiting it gives. */
export declare function expectAwaited<Actual>(value: PromiseLike<Actual>): TypeOf<Actual>;
