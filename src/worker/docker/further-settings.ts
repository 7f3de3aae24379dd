/** `container_create_kwargs`: more of a container, named as in Docker's SDK for Python, as Prefect's pools have it. */

import { isRecord, type JsonRecord } from '../../core/blocks/json.ts';
import { wrong } from './wrong-variable.ts';

/** By what the engine calls them. */
const OF_CONTAINER: Readonly<Record<string, string>> = {
  domainname: 'Domainname',
  entrypoint: 'Entrypoint',
  healthcheck: 'Healthcheck',
  hostname: 'Hostname',
  stop_signal: 'StopSignal',
  user: 'User',
};
const OF_HOST: Readonly<Record<string, string>> = {
  cap_add: 'CapAdd',
  cap_drop: 'CapDrop',
  cgroup_parent: 'CgroupParent',
  cpu_period: 'CpuPeriod',
  cpu_quota: 'CpuQuota',
  cpu_shares: 'CpuShares',
  cpuset_cpus: 'CpusetCpus',
  cpuset_mems: 'CpusetMems',
  device_cgroup_rules: 'DeviceCgroupRules',
  device_requests: 'DeviceRequests',
  dns: 'Dns',
  dns_opt: 'DnsOptions',
  dns_search: 'DnsSearch',
  extra_hosts: 'ExtraHosts',
  group_add: 'GroupAdd',
  init: 'Init',
  ipc_mode: 'IpcMode',
  log_config: 'LogConfig',
  mem_reservation: 'MemoryReservation',
  mem_swappiness: 'MemorySwappiness',
  nano_cpus: 'NanoCpus',
  oom_kill_disable: 'OomKillDisable',
  oom_score_adj: 'OomScoreAdj',
  pid_mode: 'PidMode',
  pids_limit: 'PidsLimit',
  read_only: 'ReadonlyRootfs',
  runtime: 'Runtime',
  security_opt: 'SecurityOpt',
  shm_size: 'ShmSize',
  storage_opt: 'StorageOpt',
  sysctls: 'Sysctls',
  tmpfs: 'Tmpfs',
  ulimits: 'Ulimits',
  userns_mode: 'UsernsMode',
};

/** @throws `bad-input`: one that is not known, or is a variable of its own */
export function furtherSettings(said: unknown): { readonly container: JsonRecord; readonly host: JsonRecord } {
  const name = 'container_create_kwargs';
  if (!isRecord(said)) throw wrong(name, 'it is no object', 'Write names with their values.');
  const known = [...Object.keys(OF_CONTAINER), ...Object.keys(OF_HOST)].sort();
  const odd = Object.keys(said).find((key) => !known.includes(key));
  if (odd !== undefined)
    throw wrong(
      name,
      `${JSON.stringify(odd)} is not one of its settings`,
      `It takes ${known.join(', ')}. What has a job variable of its own is said there.`,
    );
  return { container: taken(said, OF_CONTAINER), host: taken(said, OF_HOST) };
}

function taken(said: JsonRecord, names: Readonly<Record<string, string>>): JsonRecord {
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => {
      const name = Object.hasOwn(names, key) ? names[key] : undefined;
      return name === undefined || value === null ? [] : [[name, asEngineHasIt(key, value)]];
    }),
  );
}

function asEngineHasIt(key: string, value: unknown): unknown {
  // `{ name: address }` there, `name:address` here.
  if (key === 'extra_hosts' && isRecord(value))
    return Object.entries(value).map(([name, at]) => `${name}:${String(at)}`);
  if (key === 'entrypoint' && typeof value === 'string') return [value];
  return value;
}
