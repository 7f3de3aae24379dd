/** What is done with deployments and their schedules. */

import type { Actor } from '../../core/actor.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { DeploymentId, DeploymentScheduleId } from '../../core/ids.ts';
import type { Query } from '../../core/query.ts';
import type { Instant } from '../../core/time.ts';
import type { DeploymentKey, DeploymentParts, SlotPage } from '../../store/port/deployments.ts';
import type { OrchestratorPorts } from '../ports.ts';
import type { DeploymentFields } from './fields.ts';
import {
  createDeployment,
  deleteDeployment,
  pauseDeployment,
  resumeDeployment,
  updateDeployment,
  type CreateDeployment,
  type UpdateDeployment,
} from './apply.ts';
import { healSchedules } from './heal-schedules.ts';
import { continueCrashed } from './on-crash.ts';
import { newParametersProblem } from './parameters.ts';
import { endReadiness, pollDeployments } from './polling.ts';
import { runDeployment, runDeploymentOften, type RunDeployment } from './runs.ts';
import { scheduleAhead, scheduleRange, type SlotRange } from './scheduler.ts';
import { listSlots } from './slot-history.ts';
import { versionUseCases } from './versions.ts';
import { createSchedules, deleteSchedule, updateSchedule, type NewSchedule, type ScheduleUpdate } from './schedules.ts';

export interface ListedDeployment extends DeploymentParts {
  readonly deployment: Deployment;
}

export function deploymentUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    createDeployment: (request: CreateDeployment) => createDeployment(ports, request),
    newParametersProblem: (fields: DeploymentFields) => newParametersProblem(ports, fields),
    readDeployment: (key: DeploymentKey) => storage.readDeployment(key),
    findDeployments: (query: Query) => findDeployments(ports, query),
    updateDeployment: (id: DeploymentId, request: UpdateDeployment, actor?: Actor) =>
      updateDeployment(ports, id, request, actor),
    pauseDeployment: (id: DeploymentId, actor?: Actor) => pauseDeployment(ports, id, actor),
    resumeDeployment: (id: DeploymentId, actor?: Actor) => resumeDeployment(ports, id, actor),
    deleteDeployment: (id: DeploymentId) => deleteDeployment(ports, id),

    createSchedules: (id: DeploymentId, given: readonly NewSchedule[]) => createSchedules(ports, id, given),
    updateSchedule: (id: DeploymentId, schedule: DeploymentScheduleId, update: ScheduleUpdate, actor?: Actor) =>
      updateSchedule(ports, id, schedule, update, actor),
    deleteSchedule: (id: DeploymentId, schedule: DeploymentScheduleId) => deleteSchedule(ports, id, schedule),
    scheduleRange: (id: DeploymentId, range: SlotRange) => scheduleRange(ports, id, range),
    listSlots: (id: DeploymentId, page: SlotPage) => listSlots(ports, id, page),
    healSchedules: (after: DeploymentScheduleId | null) => healSchedules(ports, after),
    scheduleAhead: (schedulesMax: number) => scheduleAhead(ports, schedulesMax),

    runDeployment: (id: DeploymentId, request: RunDeployment) => runDeployment(ports, id, request),
    runDeploymentOften: (id: DeploymentId, requests: readonly RunDeployment[]) =>
      runDeploymentOften(ports, id, requests),
    pollDeployments: (ids: readonly DeploymentId[], before: Instant | null, limit: number) =>
      pollDeployments(ports, ids, before, limit),
    endReadiness: (before: Instant) => endReadiness(ports, before),
    continueCrashed: (seen: Set<string>) => continueCrashed(ports, seen),

    ...versionUseCases(ports),
  };
}

async function findDeployments({ storage }: OrchestratorPorts, query: Query): Promise<readonly ListedDeployment[]> {
  const deployments = await storage.find('deployment', query);
  const parts = await storage.readDeploymentParts(deployments);
  return deployments.map((deployment) => ({
    deployment,
    ...(parts.get(deployment.id) ?? { schedules: [], limit: null, queue: null }),
  }));
}
