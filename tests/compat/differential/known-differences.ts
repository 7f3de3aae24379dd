/**
 * Where our answers are other ones than Prefect's, and stay so: what differs, and why. A difference that no line
 * describes fails the test; so does a line that nothing shows any more. What is decided, and what it means for
 * programs: ADR 049.
 */
import type { Difference } from './compare.ts';
import type { Request } from './generator.ts';
import type { Json } from './values.ts';

/** Operation; path with names of things; body, as a text where it is no JSON. */
export type Asked = readonly [key: string, path: string, body?: Json];

export interface Known {
  /** Of these operations; default: of all. */
  readonly of?: RegExp;
  readonly at: RegExp;
  readonly theirs?: RegExp;
  readonly ours?: RegExp;
  /** What must be true besides. */
  readonly holds?: (difference: Difference) => boolean;
  readonly why: string;
  /**
   * Requests that show it, in this order, before any others: what they make is named by its number among all things.
   */
  readonly shown?: readonly Asked[];
}

export function knownFor({ key }: Request, difference: Difference): Known | undefined {
  return KNOWN.find(
    ({ of, at, theirs, ours, holds }) =>
      (of?.test(key) ?? true) &&
      at.test(difference.at) &&
      (theirs?.test(difference.theirs) ?? true) &&
      (ours?.test(difference.ours) ?? true) &&
      (holds?.(difference) ?? true),
  );
}

const NOBODY = '01975300-0000-7000-8000-000000000001';
const PROBLEM = /^\.exception_detail\[\]/;
const UUID = /valid UUID|invalid (?:length|character|group)/;
const DATE = /datetime|read as one|^nothing$/;

const OWN_FIELDS = [
  'failure',
  'evidence',
  'seq',
  'task_name',
  'parent_task_run_id',
  'parent_flow_run_id',
  'cache',
  'step',
  'call_site',
  'task_description',
  'map_id',
  'map_index',
  'map_input',
  'durability',
  'isolation',
  'description',
  'flow_name',
  'parameters_reference',
  'entrypoint',
  'process_id',
  'retry_delays_seconds',
  'timeout_seconds',
  'resume',
  'participation',
];

export const KNOWN: readonly Known[] = [
  {
    at: new RegExp(`\\.(?:${OWN_FIELDS.join('|')})$`),
    theirs: /^nothing$/,
    why: 'Fields of our own beside those of the protocol, which its clients pass over.',
    shown: [['POST /flows/', '/flows/', { name: 'shown' }]],
  },
  {
    at: /./,
    holds: ({ theirs, ours }) => theirs === `"number ${ours}.0"`,
    why: 'Whole numbers of fields that may have fractions are written without one: the same number in JSON, and to every client.',
    shown: [['POST /v2/concurrency_limits/', '/v2/concurrency_limits/', { name: 'shown', limit: 1 }]],
  },
  {
    at: /^status$/,
    theirs: /^500 /,
    ours: /^[24]/,
    why: "What Prefect's server fails at is answered, or refused with what is wrong.",
    shown: [['POST /flow_runs/{id}/resume', `/flow_runs/${NOBODY}/resume`, {}]],
  },
  {
    at: /^\.detail$/,
    theirs: /^"Data integrity conflict\./,
    why: 'Conflicts name their cause.',
    shown: [['POST /flow_runs/', '/flow_runs/', { flow_id: NOBODY }]],
  },
  {
    of: /^POST \/flow_runs\/$/,
    at: /^status$/,
    theirs: /^409 "Data integrity/,
    ours: /^20[01]$/,
    why: 'Records may come before what they belong to: a parent, a block.',
    shown: [['POST /flow_runs/', '/flow_runs/', { flow_id: '⟦flow:1⟧', parent_task_run_id: NOBODY }]],
  },
  {
    of: /^POST \/events/,
    at: PROBLEM,
    theirs: /"(?:value_error|Value error, Resources must|Value error, Related)|^\{"error":\{\}\}$|^\d: \[/,
    why: 'A label that is missing is missing at its own place.',
    shown: [
      [
        'POST /events',
        '/events',
        [{ occurred: '2026-01-01T00:00:00Z', event: 'shown', resource: { kind: 'thing' }, id: NOBODY }],
      ],
    ],
  },
  {
    of: /^GET \/block_capabilities\/$/,
    at: /^\[\]$/,
    why: 'In the order of the alphabet, with what the types of our own collection need.',
    shown: [['GET /block_capabilities/', '/block_capabilities/']],
  },
  {
    at: /exception_detail\[\]|^\.request_body$/,
    theirs: /^(?:"json_invalid"|2: \["body",1\]|"JSON decode error"|\{\}|\{"error":"Expecting value"\}|" ")$/,
    why: 'A body of nothing but space is no body.',
    shown: [['POST /flows/', '/flows/', ' ']],
  },
  {
    at: PROBLEM,
    theirs: /value_error|valid datetime|Unable to parse|^\{\}$|^nothing$/,
    ours: DATE,
    why: "Dates: Prefect's words change with the Python that it runs on; ours are those of the newest.",
    shown: [
      ['POST /logs/filter', '/logs/filter', { logs: { timestamp: { before_: 'text' } } }],
      ['POST /logs/filter', '/logs/filter', { logs: { timestamp: { before_: {} } } }],
    ],
  },
  {
    at: PROBLEM,
    theirs: UUID,
    ours: UUID,
    why: 'Of several things that are wrong with the text of an id, another is named.',
    shown: [['POST /flow_runs/filter', '/flow_runs/filter', { flow_runs: { id: { any_: ['x'.repeat(50)] } } }]],
  },
  {
    at: /^\.exception_detail\[\]\.(?:type|msg)$/,
    theirs: /set_type|valid set|bytes_type|valid bytes/,
    ours: /list_type|valid list|string_type|valid string/,
    why: 'JSON has neither sets nor bytes.',
    shown: [['POST /flow_runs/{id}/input', `/flow_runs/${NOBODY}/input`, { key: 'shown', value: false }]],
  },
  {
    at: /^\.exception_detail\[\]$/,
    theirs: /"empirical_policy","retr/,
    why: "Prefect's validators copy the old names of retries to the new ones, and refuse both.",
    shown: [
      ['POST /task_runs/', '/task_runs/', { task_key: 't', dynamic_key: '1', empirical_policy: { max_retries: {} } }],
    ],
  },
  {
    at: PROBLEM,
    theirs: /^\d$|escape/,
    ours: /^\d$|escape/,
    why: 'A text with a wrong escape is told by where it begins.',
    shown: [['POST /flows/', '/flows/', '{"a":"\\x"}']],
  },
  {
    of: /^PATCH \/variables\//,
    at: /^status$/,
    theirs: /^404/,
    ours: /^422/,
    why: 'What is sent is looked at before what is there.',
    shown: [['PATCH /variables/name/{name}', '/variables/name/shown', { name: '' }]],
  },
  {
    at: /\.state_details\.scheduled_time$/,
    theirs: /^"time /,
    ours: /^null$/,
    why: 'Only what waits has a time that it waits for: states of other types are kept without.',
    shown: [
      [
        'POST /flow_runs/',
        '/flow_runs/',
        { flow_id: '⟦flow:1⟧', state: { type: 'RUNNING', state_details: { scheduled_time: '2035-01-01T00:00:00Z' } } },
      ],
    ],
  },
  {
    of: /block_(?:types|documents|schemas)/,
    at: /\.(?:logo_url|documentation_url|description|code_example)$/,
    why: 'The block types that come with the server are described by us.',
    shown: [['GET /block_types/slug/{slug}', '/block_types/slug/secret']],
  },
  {
    of: /^PATCH .*\/labels$/,
    at: /^status$/,
    theirs: /^(?:204|404)/,
    ours: /^422/,
    why: 'Labels that are lists or objects are refused: there they are kept, and the run cannot be read any more.',
    shown: [['PATCH /flow_runs/{id}/labels', `/flow_runs/${NOBODY}/labels`, { a: [] }]],
  },
  {
    at: /^\.exception_detail\[\]\.type$/,
    theirs: /^"literal_error"$/,
    ours: /^"enum"$/,
    why: 'One kind for a value that is none of some; what is read, the sentence, is the same.',
    shown: [
      [
        'POST /v2/concurrency_limits/increment',
        '/v2/concurrency_limits/increment',
        { names: ['shown'], slots: 1, mode: 'other' },
      ],
    ],
  },
  {
    at: /^\.request_body\.empirical_policy\./,
    ours: /^nothing$/,
    why: "Prefect's validators write into the body before it is echoed.",
    shown: [
      [
        'POST /task_runs/',
        '/task_runs/',
        { task_key: 5, dynamic_key: '1', empirical_policy: { retry_delay_seconds: 3 } },
      ],
    ],
  },
  {
    of: /^POST \/block_documents\/$/,
    at: PROBLEM,
    why: 'That a document has a name is looked at after its fields, not before.',
    shown: [['POST /block_documents/', '/block_documents/', { block_type_id: NOBODY }]],
  },
];
