/** Runs over time, stacked by state. Dragging over it narrows the list to that stretch of time. */
import type { StateType } from '../../api/states.ts';
import { countOf, formatCount, formatShortDateTime } from '../../components/format.ts';
import { Histogram, type Layer } from '../../components/histogram.tsx';
import type { Period } from '../../components/time-bars.ts';
import { countWords, lookById, STACK_ORDER } from '../states/state-look.ts';
import type { Bar } from './buckets.ts';

interface HistogramProps {
  readonly bars: readonly Bar[];
  readonly stepSeconds: number;
  /** States that the list is narrowed to; empty for all. The others are drawn faintly. */
  readonly states: readonly StateType[];
  readonly onPeriod: (period: Period) => void;
}

export function RunHistogram({ bars, stepSeconds, states, onPeriod }: HistogramProps) {
  return (
    <Histogram
      bars={bars}
      stepSeconds={stepSeconds}
      layersOf={(bar) => layersOf(bar, states)}
      tipOf={(bar) => <Tip bar={bar} />}
      patterns={<Patterns />}
      table={<BarTable bars={bars} />}
      onPeriod={onPeriod}
    />
  );
}

function layersOf({ counts }: Bar, states: readonly StateType[]): readonly Layer[] {
  return STACK_ORDER.flatMap((id) => {
    const count = counts[id] ?? 0;
    if (count === 0) return [];
    const { type, colour, pattern } = lookById(id);
    return [
      {
        id,
        count,
        fill: `var(${colour})`,
        pattern: pattern === 'outline' ? undefined : pattern,
        isFaint: states.length > 0 && !states.includes(type),
      },
    ];
  });
}

function Patterns() {
  return (
    <defs>
      {(
        [
          ['hatch', 45],
          ['back', -45],
        ] as const
      ).map(([id, angle]) => (
        <pattern
          key={id}
          id={id}
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform={`rotate(${angle})`}
        >
          <rect width="2" height="5" fill="var(--surface)" opacity="0.5" />
        </pattern>
      ))}
      <pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse">
        <circle cx="2.5" cy="2.5" r="1.1" fill="var(--surface)" opacity="0.7" />
      </pattern>
    </defs>
  );
}

function Tip({ bar }: { readonly bar: Bar }) {
  const states = STACK_ORDER.toReversed()
    .filter((id) => bar.counts[id] !== undefined)
    .map(lookById);
  return (
    <>
      {states.length === 0 && <span>No runs</span>}
      {states.map(({ id, colour, label }) => (
        <span key={id}>
          <i style={{ background: `var(${colour})` }} />
          {formatCount(bar.counts[id] ?? 0)} {label.toLowerCase()}
        </span>
      ))}
    </>
  );
}

/** Only the bars in which something happened. */
function BarTable({ bars }: { readonly bars: readonly Bar[] }) {
  return (
    <table>
      <caption>Runs over time by state</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Runs</th>
          <th scope="col">States</th>
        </tr>
      </thead>
      <tbody>
        {bars
          .filter(({ total }) => total > 0)
          .map((bar) => (
            <tr key={bar.start}>
              <th scope="row">{formatShortDateTime(bar.start)}</th>
              <td>{countOf(bar.total, 'run')}</td>
              <td>{countWords(bar.counts)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
