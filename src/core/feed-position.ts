/** A position in a feed: in the events, or in the logs. */
export interface FeedPosition {
  /** The number of the last row that the consumer has. */
  readonly seq: number;
  /** The id of that row: in another database, another row may have this number. */
  readonly id: string;
}
