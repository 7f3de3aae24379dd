/** The table of contents of the control plane: its nouns. */

import type { Absence } from './absence.ts';
import { approvalsOf, tolerantApprovals, type ApprovalClient } from './approvals.ts';
import { artifactsOf, tolerantArtifacts, type ArtifactClient } from './artifacts.ts';
import { backfillsOf, tolerantBackfills, type BackfillClient } from './backfills.ts';
import { deploymentsOf, tolerantDeployments, type DeploymentClient } from './deployments.ts';
import { eventsOf, tolerantEvents, type EventClient } from './events.ts';
import { ControlPlane, type ControlWire } from './plane.ts';
import { tolerantVariables, variablesOf, type VariableClient } from './variables.ts';

export interface ControlClient {
  readonly approvals: ApprovalClient;
  readonly artifacts: ArtifactClient;
  readonly backfills: BackfillClient;
  readonly deployments: DeploymentClient;
  readonly events: EventClient;
  readonly variables: VariableClient;
}

export function createControlClient(wire: ControlWire): ControlClient {
  const plane = new ControlPlane(wire);
  return {
    approvals: approvalsOf(plane),
    artifacts: artifactsOf(plane),
    backfills: backfillsOf(plane),
    deployments: deploymentsOf(plane),
    events: eventsOf(plane),
    variables: variablesOf(plane),
  };
}

/** For a flow whose server may be away. */
export function createTolerantControl(absence: Absence): ControlClient {
  return {
    approvals: tolerantApprovals(absence),
    artifacts: tolerantArtifacts(absence),
    backfills: tolerantBackfills(absence),
    deployments: tolerantDeployments(absence),
    events: tolerantEvents(absence),
    variables: tolerantVariables(absence),
  };
}
