/** The job templates of the kinds of work pools that this program brings: what a deployment may say of its jobs. */

const optionalText = (title: string, description: string) => ({
  anyOf: [{ type: 'string' }, { type: 'null' }],
  default: null,
  title,
  description,
});

const texts = (title: string, description: string) => ({
  type: 'array',
  items: { type: 'string' },
  default: [],
  title,
  description,
});

const flag = (title: string, description: string, isOn: boolean) => ({
  type: 'boolean',
  default: isOn,
  title,
  description,
});

const environment = (description: string) => ({
  type: 'object',
  title: 'Environment Variables',
  description,
  additionalProperties: { anyOf: [{ type: 'string' }, { type: 'null' }] },
});

/** Each variable is a member of the configuration, under its own name. */
export function templateOf(properties: Readonly<Record<string, unknown>>) {
  return {
    job_configuration: Object.fromEntries(Object.keys(properties).map((name) => [name, `{{ ${name} }}`])),
    variables: { type: 'object', properties },
  };
}

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
      env: environment('Set for the process beside those of the worker.'),
      labels: {
        type: 'object',
        title: 'Labels',
        description: 'Marks for the process.',
        additionalProperties: { type: 'string' },
      },
      command: optionalText('Command', 'What is run. Left out, the worker knows how to run the flow.'),
      stream_output: flag('Stream Output', "Whether the worker shows the process's output as its own.", true),
      working_dir: {
        anyOf: [{ type: 'string', format: 'path' }, { type: 'null' }],
        default: null,
        title: 'Working Directory',
        description: 'The folder that the process starts in. Left out, the worker makes one and removes it again.',
      },
    },
  },
} as const;

/** `50m`, `1.5g`: as the engine's own command takes sizes. */
export const MEMORY_PATTERN = '^[0-9]+(\\.[0-9]+)?[bBkKmMgG]?[bB]?$';

const memory = (title: string, description: string) => ({
  anyOf: [{ type: 'string', pattern: MEMORY_PATTERN }, { type: 'integer' }, { type: 'null' }],
  default: null,
  title,
  description,
});

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;
export type PullPolicy = (typeof PULL_POLICIES)[number];

/** The names are those of Prefect's Docker worker; `cpus` and `working_dir` are ours. */
const DOCKER_VARIABLES = {
  image: optionalText(
    'Image',
    'The image of the container, for instance registry.example.org/flows:12. It has the code, and the program that runs it.',
  ),
  image_pull_policy: {
    anyOf: [{ type: 'string', enum: PULL_POLICIES }, { type: 'null' }],
    default: null,
    title: 'Image Pull Policy',
    description:
      'Always, IfNotPresent or Never. Left out: Always for an image without a tag or with the tag latest, else IfNotPresent.',
  },
  name: optionalText(
    'Name',
    'What the container is called. Left out, as its run; where the name is taken, a number follows.',
  ),
  command: optionalText('Command', 'What is run. Left out, the worker knows how to run the flow.'),
  working_dir: optionalText('Working Directory', "A folder in the container. Left out, the image's own."),
  env: environment('Set for the container beside what the run needs.'),
  labels: {
    type: 'object',
    title: 'Labels',
    description: "Marks for the container, beside the worker's own.",
    additionalProperties: { type: 'string' },
  },
  networks: texts('Networks', 'Networks of the engine that the container is in.'),
  network_mode: optionalText(
    'Network Mode',
    "For instance host, bridge or none. Left out: host where the server is this machine's own, else as the engine has it.",
  ),
  volumes: texts('Volumes', 'What is mounted: FOLDER_OR_VOLUME:PATH or FOLDER_OR_VOLUME:PATH:ro.'),
  mem_limit: memory('Memory Limit', 'How much memory it may use: bytes, or a number with b, k, m or g.'),
  memswap_limit: memory('Memory Swap Limit', 'How much memory and swap it may use together; -1: any amount of swap.'),
  cpus: {
    anyOf: [{ type: 'number', exclusiveMinimum: 0 }, { type: 'null' }],
    default: null,
    title: 'CPUs',
    description: 'How much of the processors it may use at once, for instance 1.5.',
  },
  privileged: flag('Privileged', 'Whether it may do on its host whatever the engine may.', false),
  auto_remove: flag('Auto Remove', 'Whether the container is removed when it has ended.', true),
  stream_output: flag(
    'Stream Output',
    'Whether all that it writes becomes logs of the run; if not, only the last lines of one that failed.',
    true,
  ),
  container_create_kwargs: {
    anyOf: [{ type: 'object' }, { type: 'null' }],
    default: null,
    title: 'Container Configuration',
    description:
      'More of what the engine takes, named as in Docker SDK for Python: user, entrypoint, shm_size, cap_add …',
  },
} as const;

export const DOCKER_JOB_TEMPLATE = templateOf(DOCKER_VARIABLES);

/** Of a pool that is made without one; `null`: nothing is known of the type. */
export function jobTemplateFor(type: string): object | null {
  return type === 'docker' ? DOCKER_JOB_TEMPLATE : null;
}
