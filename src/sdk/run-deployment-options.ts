/** What `runDeployment(…)` may be told. */

export interface RunDeploymentOptions<Parameters extends object = Readonly<Record<string, unknown>>> {
  /** In place of those of the deployment. */
  readonly parameters?: Parameters;
  /** How long its end is waited for; 0: not at all. Default: until it is over. */
  readonly timeoutSeconds?: number;
  /** Under the same key it is the same run. */
  readonly idempotencyKey?: string;
  /** Inside a flow: the run is a step of it. Default true. */
  readonly asSubflow?: boolean;
  /** When it begins. Default: now. */
  readonly scheduledTime?: Date;
  /** Beside those of the deployment. */
  readonly tags?: readonly string[];
  /** Of the run. Default: drawn. */
  readonly name?: string;
  /** What is different for the process of this run, such as `{ env: { … } }`. */
  readonly jobVariables?: Readonly<Record<string, unknown>>;
  /** The number of the version that it runs, whatever is applied later. Default: the deployment as it then is. */
  readonly version?: number;
  /** From -1000 to 1000; the lower, the sooner it begins among runs that are due. Default 0. */
  readonly priority?: number;
}
