/** The port by which the server asks addresses that people have named. */

export interface WebRequest {
  readonly method: string;
  /** `http:` or `https:`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `null`: none. */
  readonly body: string | null;
  /** Of the whole exchange. */
  readonly timeoutMs: number;
  /** Of an answer's body no more is read. */
  readonly bodyBytesMax: number;
  /** Whether addresses of this machine and of private networks are allowed. */
  readonly allowsPrivate: boolean;
  /** Whether the certificate of an `https:` server has to be valid. */
  readonly verifies: boolean;
}

export interface WebAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning, as UTF-8. */
  readonly body: string;
}

/** What kept an answer from coming, as a sentence. */
export class WebFailure extends Error {
  /** Whether it may go better later. */
  readonly mayPass: boolean;

  constructor(message: string, mayPass: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayPass = mayPass;
  }
}

/** Redirects are not followed. @throws WebFailure */
export type SendRequest = (request: WebRequest) => Promise<WebAnswer>;
