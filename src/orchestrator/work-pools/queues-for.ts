import type { Deployment } from '../../core/deployment.ts';
import { EVERYTHING } from '../../core/query.ts';
import type { WorkQueue } from '../../core/work-pool.ts';
import type { OrchestratorPorts } from '../ports.ts';

const PAGE = 200;

/**
 * Queues whose filter takes the runs of a deployment, the oldest first: it names none of its own deployments, or this
 * one, and no tag that the deployment does not have. One without a filter takes whatever names it, and so counts, too.
 */
export async function queuesFor(
  { storage }: Pick<OrchestratorPorts, 'storage'>,
  deployment: Pick<Deployment, 'id' | 'tags'>,
): Promise<readonly WorkQueue[]> {
  const fitting: WorkQueue[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const sort = [{ field: 'id', direction: 'asc' }] as const;
    const page = await storage.find('work_queue', { where: EVERYTHING, sort, limit: PAGE, offset });
    fitting.push(...page.filter((queue) => takes(queue, deployment)));
    if (page.length < PAGE) return fitting;
  }
}

interface QueueFilter {
  readonly tags?: readonly string[] | null;
  readonly deployment_ids?: readonly string[] | null;
}

function takes({ filter }: WorkQueue, { id, tags }: Pick<Deployment, 'id' | 'tags'>): boolean {
  const wanted = JSON.parse(filter ?? '{}') as QueueFilter;
  const ids = wanted.deployment_ids ?? [];
  return (
    (wanted.tags ?? []).every((tag) => tags.includes(tag)) &&
    (ids.length === 0 || ids.some((each) => each.toLowerCase() === id))
  );
}
