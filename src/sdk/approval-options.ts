/** What `approval(…)` may be told, and what it gives. */

/** What is answered where no form says otherwise. */
export interface Approval {
  readonly approved: boolean;
  readonly comment?: string | undefined;
}

export interface ApprovalOptions<Answer = Approval> {
  /** The question, in one line. */
  readonly title: string;
  readonly description?: string;
  /**
   * When the default is taken, or the step fails: a time, or how long after the asking (`'2h'`, or seconds). Default:
   * never.
   */
  readonly due?: string | number | Date;
  /** Whom it is for: names that people and automations know. */
  readonly to?: readonly string[];
  /** How often an event reminds of it until it is answered: `'30m'`, seconds. Default: never. */
  readonly reminder?: string | number;
  /** The answer when nobody gives one in time. */
  readonly default?: Answer;
  /** Tells apart questions that the line of the call and the title cannot. */
  readonly key?: string;
}

export interface FormOption<S> {
  /** Any Standard Schema: the answer is coerced and checked by it. Default: `{ approved, comment? }`. */
  readonly form: S;
}
