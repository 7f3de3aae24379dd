/** The newest runs of something as bars, as high as they took: health at a glance. */
import type { RecentRun } from '../../api/flows.ts';
import { formatDuration } from '../../components/format.ts';
import { lookOf, stateLabel } from '../states/state-look.ts';

import './run-bars.css';

export const BARS_SHOWN = 24;
const STEP = 7;
const HEIGHT = 30;
const HEIGHT_MIN = 6;

/** @param id of what they are runs of; @param runs newest first */
export function RunBars({ id, runs }: { readonly id: string; readonly runs: readonly RecentRun[] }) {
  const longest = Math.max(0.001, ...runs.map((run) => run.total_run_time));
  const oldestFirst = runs.toReversed();
  const hatch = `hatch-${id}`;
  return (
    <svg
      className="run-bars"
      width={BARS_SHOWN * STEP}
      height={HEIGHT}
      role="img"
      aria-label={`Newest runs, oldest first: ${oldestFirst.map((run) => stateLabel(run.state_type, run.state_name)).join(', ')}`}
    >
      <defs>
        <pattern id={hatch} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="1.5" height="4" fill="var(--surface)" opacity="0.6" />
        </pattern>
      </defs>
      {oldestFirst.map((run, at) => {
        const height = HEIGHT_MIN + (run.total_run_time / longest) * (HEIGHT - HEIGHT_MIN);
        const x = (BARS_SHOWN - runs.length + at) * STEP;
        const place = { x, y: HEIGHT - height, width: STEP - 2, height, rx: 1.5 };
        const { colour, pattern } = lookOf(run.state_type, run.state_name);
        return (
          <g key={run.id}>
            <title>{`${run.name}: ${stateLabel(run.state_type, run.state_name)}, ${formatDuration(run.total_run_time)}`}</title>
            <rect {...place} fill={`var(${colour})`} />
            {pattern === 'hatch' && <rect {...place} fill={`url(#${hatch})`} />}
          </g>
        );
      })}
    </svg>
  );
}
