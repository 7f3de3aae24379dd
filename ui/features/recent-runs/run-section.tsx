/** Some runs of something, with how many there are. */
import type { ListedRun } from '../../api/flow-runs.ts';
import { formatCount } from '../../components/format.ts';
import { RunRow } from '../flow-runs/run-row.tsx';

import '../flow-runs/run-list.css';
import './run-section.css';

interface RunSectionProps {
  readonly title: string;
  readonly runs: readonly ListedRun[];
  readonly count: number;
  /** Which of them are shown where there are more. */
  readonly order: 'newest' | 'next' | 'oldest';
  /** How many of them are late. */
  readonly late?: number;
}

/** Nothing where there are none. */
export function RunSection({ title, runs, count, order, late = 0 }: RunSectionProps) {
  if (count === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <header className="list-head">
        <h2>{title}</h2>
        {late > 0 && <span className="late">{formatCount(late)} late</span>}
      </header>
      <ul className="run-rows">
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
      {runs.length < count && (
        <p className="list-rest muted">
          These are the {order} {runs.length} of {formatCount(count)}.
        </p>
      )}
    </section>
  );
}

export function WaitingRuns({
  runs,
  count,
  late,
}: {
  readonly runs: readonly ListedRun[];
  readonly count: number;
  readonly late: number;
}) {
  const title = count === 1 ? '1 run waits' : `${formatCount(count)} runs wait`;
  return <RunSection title={title} runs={runs} count={count} order="next" late={late} />;
}
