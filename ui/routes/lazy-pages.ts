/** The pages: the code of each comes when it is looked at, or when the address names it. */
import { lazyPage } from '../features/connection/lazy-page.tsx';

export const DocsPage = lazyPage(/^\/docs/, async () => (await import('../features/docs/docs-page.tsx')).DocsPage);
export const DeploymentList = lazyPage(
  /^\/deployments\/?$/,
  async () => (await import('../features/deployments/deployment-list.tsx')).DeploymentList,
);
export const DeploymentPage = lazyPage(
  /^\/deployments\/d/,
  async () => (await import('../features/deployments/deployment-page.tsx')).DeploymentPage,
);
export const FlowList = lazyPage(
  /^\/flows\/?$/,
  async () => (await import('../features/flows/flow-list.tsx')).FlowList,
);
export const FlowPage = lazyPage(
  /^\/flows\/flow\//,
  async () => (await import('../features/flows/flow-page.tsx')).FlowPage,
);
export const PoolList = lazyPage(
  /^\/work-pools\/?$/,
  async () => (await import('../features/work-pools/pool-list.tsx')).PoolList,
);
export const PoolPage = lazyPage(
  /^\/work-pools\/w/,
  async () => (await import('../features/work-pools/pool-page.tsx')).PoolPage,
);
export const RunList = lazyPage(
  /^\/(?:runs\/?)?$/,
  async () => (await import('../features/flow-runs/run-list.tsx')).RunList,
);
export const RunPage = lazyPage(
  /^\/runs\/flow-run\//,
  async () => (await import('../features/flow-runs/run-page.tsx')).RunPage,
);
export const TaskRunDetail = lazyPage(
  /^\/runs\/task-run\//,
  async () => (await import('../features/task-runs/task-run-detail.tsx')).TaskRunDetail,
);
export const AutomationList = lazyPage(
  /^\/automations\/?$/,
  async () => (await import('../features/automations/automation-list.tsx')).AutomationList,
);
export const AutomationPage = lazyPage(
  /^\/automations\/automation\/[^/]+\/?$/,
  async () => (await import('../features/automations/automation-page.tsx')).AutomationPage,
);
export const NewAutomationPage = lazyPage(
  /^\/automations\/create\/?$/,
  async () => (await import('../features/automations/rule-page.tsx')).NewAutomationPage,
);
export const EditAutomationPage = lazyPage(
  /^\/automations\/automation\/[^/]+\/edit/,
  async () => (await import('../features/automations/rule-page.tsx')).EditAutomationPage,
);
export const ChannelList = lazyPage(
  /^\/notification-channels/,
  async () => (await import('../features/notification-channels/channel-list.tsx')).ChannelList,
);
export const EventList = lazyPage(
  /^\/events\/?$/,
  async () => (await import('../features/events/event-list.tsx')).EventList,
);
export const ArtifactPage = lazyPage(
  /^\/artifacts\/artifact\//,
  async () => (await import('../features/artifacts/artifact-page.tsx')).ArtifactPage,
);
export const PlacePage = lazyPage(null, async () => (await import('../features/places/place-page.tsx')).PlacePage);
