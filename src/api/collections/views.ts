/**
 * What clients ask about libraries: the worker types and their job templates. Only what this server itself provides.
 */

const optionalText = (title: string, description: string) => ({
  anyOf: [{ type: 'string' }, { type: 'null' }],
  default: null,
  title,
  description,
});

/** The job template of a process worker: how it starts a flow run, and what a deployment may configure. */
export const PROCESS_JOB_TEMPLATE = {
  job_configuration: {
    command: '{{ command }}',
    env: '{{ env }}',
    labels: '{{ labels }}',
    name: '{{ name }}',
    stream_output: '{{ stream_output }}',
    working_dir: '{{ working_dir }}',
  },
  variables: {
    type: 'object',
    properties: {
      name: optionalText('Name', 'What the process is called by the worker that starts it.'),
      env: {
        type: 'object',
        title: 'Environment Variables',
        description: 'Set for the process beside those of the worker.',
        additionalProperties: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
      labels: {
        type: 'object',
        title: 'Labels',
        description: 'Marks for the process.',
        additionalProperties: { type: 'string' },
      },
      command: optionalText('Command', 'What is run. Left out, the worker knows how to run the flow.'),
      stream_output: {
        type: 'boolean',
        title: 'Stream Output',
        default: true,
        description: "Whether the worker shows the process's output as its own.",
      },
      working_dir: {
        anyOf: [{ type: 'string', format: 'path' }, { type: 'null' }],
        default: null,
        title: 'Working Directory',
        description: 'The folder that the process starts in. Left out, the worker makes one and removes it again.',
      },
    },
  },
} as const;

const PROCESS_WORKER = {
  type: 'process',
  display_name: 'Process',
  description: 'Runs each flow run in a process of its own on the machine of the worker.',
  documentation_url: '',
  logo_url: '',
  install_command: 'pip install prefect',
  is_beta: false,
  default_base_job_configuration: PROCESS_JOB_TEMPLATE,
} as const;

export const COLLECTION_VIEWS: Readonly<Record<string, object>> = {
  'aggregate-worker-metadata': { prefect: { process: PROCESS_WORKER } },
  'aggregate-block-metadata': {},
  'aggregate-flow-metadata': {},
  'demo-flows': {},
};
