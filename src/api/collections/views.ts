/**
 * What clients ask about libraries: the worker types and their job templates. Only what this server itself provides.
 */

import { DOCKER_JOB_TEMPLATE, PROCESS_JOB_TEMPLATE } from '../../contract/job-templates.ts';

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

const DOCKER_WORKER = {
  type: 'docker',
  display_name: 'Docker',
  description: 'Runs each flow run in a container of its own, by an engine such as Docker or Podman.',
  documentation_url: '',
  logo_url: '',
  install_command: 'pip install prefect-docker',
  is_beta: false,
  default_base_job_configuration: DOCKER_JOB_TEMPLATE,
} as const;

export const COLLECTION_VIEWS: Readonly<Record<string, object>> = {
  'aggregate-worker-metadata': { prefect: { process: PROCESS_WORKER }, 'prefect-docker': { docker: DOCKER_WORKER } },
  'aggregate-block-metadata': {},
  'aggregate-flow-metadata': {},
  'demo-flows': {},
};
