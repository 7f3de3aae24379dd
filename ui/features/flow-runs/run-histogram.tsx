/** Runs over time, stacked by state. Dragging over it narrows the list to that stretch of time. */
import { useRef, useState, type PointerEvent } from 'react';

import type { StateType } from '../../api/states.ts';
import { countOf, formatCount, formatScale, formatShortDateTime, formatTick } from '../../components/format.ts';
import { useWidth } from '../../components/size.ts';
import { countWords, lookById, STACK_ORDER } from '../states/state-look.ts';
import { isRoundTime, labelSeconds, niceCeiling, zoneMs, type Bar, type Period } from './buckets.ts';

interface HistogramProps {
  readonly bars: readonly Bar[];
  readonly stepSeconds: number;
  /** States that the list is narrowed to; empty for all. The others are drawn faintly. */
  readonly states: readonly StateType[];
  readonly onPeriod: (period: Period) => void;
}

const HEIGHT = 132;
const AXIS = 20;
const LEFT = 34;
const PLOT = HEIGHT - AXIS - 8;

export function RunHistogram({ bars, stepSeconds, states, onPeriod }: HistogramProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [at, setAt] = useState<number | null>(null);
  const [dragFrom, setDragFrom] = useState<number | null>(null);
  const barWidth = bars.length === 0 ? 0 : (width - LEFT) / bars.length;
  const top = niceCeiling(Math.max(0, ...bars.map(({ total }) => total)));
  const barAt = (event: PointerEvent<SVGElement>): number => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    return Math.min(bars.length - 1, Math.max(0, Math.floor(x / barWidth)));
  };
  const finish = (): void => {
    const [first, last] = [Math.min(dragFrom ?? 0, at ?? 0), Math.max(dragFrom ?? 0, at ?? 0)];
    const [from, to] = [bars[first], bars[last]];
    if (dragFrom !== null && at !== null && from !== undefined && to !== undefined)
      onPeriod({ start: from.start, end: to.end });
    setDragFrom(null);
  };
  const hovered = at === null ? undefined : bars[at];
  return (
    <div className="histogram">
      <div className="histogram-plot" ref={frame}>
        <svg
          width={width}
          height={HEIGHT}
          aria-hidden="true"
          onPointerMove={(event) => setAt(barAt(event))}
          onPointerLeave={() => {
            setAt(null);
            setDragFrom(null);
          }}
          onPointerDown={(event) => {
            setAt(barAt(event));
            setDragFrom(barAt(event));
          }}
          onPointerUp={finish}
        >
          <Patterns />
          <Scale top={top} width={width} />
          {bars.map((bar, index) => (
            <Stack key={bar.start} bar={bar} x={LEFT + index * barWidth} width={barWidth} top={top} states={states} />
          ))}
          {at !== null && (
            <rect
              className="histogram-brush"
              x={LEFT + Math.min(dragFrom ?? at, at) * barWidth}
              y={0}
              height={PLOT + 8}
              width={(Math.abs((dragFrom ?? at) - at) + 1) * barWidth}
            />
          )}
          <TimeAxis bars={bars} barWidth={barWidth} stepSeconds={stepSeconds} width={width} />
        </svg>
        {hovered !== undefined && at !== null && (
          <Tip bar={hovered} x={LEFT + (at + 0.5) * barWidth} width={width} stepSeconds={stepSeconds} />
        )}
      </div>
      <BarTable bars={bars} />
    </div>
  );
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

function Scale({ top, width }: { readonly top: number; readonly width: number }) {
  return [0, top / 2, top].map((value) => {
    const y = 8 + PLOT - (value / top) * PLOT;
    return (
      <g key={value}>
        <line className="histogram-line" x1={LEFT} x2={width} y1={y + 0.5} y2={y + 0.5} />
        <text className="histogram-text" x={LEFT - 8} y={y} textAnchor="end" dominantBaseline="middle">
          {formatScale(value)}
        </text>
      </g>
    );
  });
}

interface StackProps {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  readonly top: number;
  readonly states: readonly StateType[];
}

function Stack({ bar, x, width, top, states }: StackProps) {
  let y = 8 + PLOT;
  const gap = width > 6 ? 2 : width > 3 ? 1 : 0;
  return STACK_ORDER.map((id) => {
    const count = bar.counts[id] ?? 0;
    if (count === 0) return null;
    const { type, colour, pattern } = lookById(id);
    // One run among thousands is still a pixel or two.
    const height = Math.max(2, (count / top) * PLOT);
    y = Math.max(0, y - height);
    const place = { x: x + gap / 2, y, width: Math.max(1, width - gap), height: Math.max(1, height - 0.5) };
    return (
      <g key={id} data-look={id} opacity={states.length === 0 || states.includes(type) ? 1 : 0.18}>
        <rect {...place} rx={1} fill={`var(${colour})`} />
        {pattern !== undefined && pattern !== 'outline' && <rect {...place} fill={`url(#${pattern})`} />}
      </g>
    );
  });
}

/** Pixels that a label and the gap after it take. */
const LABEL_WIDTH = 76;

function TimeAxis({
  bars,
  barWidth,
  stepSeconds,
  width,
}: {
  readonly bars: readonly Bar[];
  readonly barWidth: number;
  readonly stepSeconds: number;
  readonly width: number;
}) {
  const step = labelSeconds(stepSeconds, Math.ceil(LABEL_WIDTH / Math.max(1, barWidth)));
  // One clock for the whole chart: labels stay evenly spaced where summer time begins or ends.
  const zone = zoneMs(bars[0]?.start ?? 0);
  return bars.flatMap((bar, index) => {
    const x = LEFT + index * barWidth;
    if (!isRoundTime(bar.start, step, zone) || x + 44 > width) return [];
    return [
      <text key={bar.start} className="histogram-text" x={x} y={HEIGHT - 4}>
        {formatTick(bar.start, step)}
      </text>,
    ];
  });
}

function Tip({
  bar,
  x,
  width,
  stepSeconds,
}: {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  readonly stepSeconds: number;
}) {
  const states = STACK_ORDER.toReversed()
    .filter((id) => bar.counts[id] !== undefined)
    .map(lookById);
  return (
    <div className="histogram-tip" style={x < width / 2 ? { left: x + 14 } : { right: width - x + 14 }}>
      <strong>{stepSeconds >= 86_400 ? formatTick(bar.start, stepSeconds) : formatShortDateTime(bar.start)}</strong>
      {states.length === 0 && <span>No runs</span>}
      {states.map(({ id, colour, label }) => (
        <span key={id}>
          <i style={{ background: `var(${colour})` }} />
          {formatCount(bar.counts[id] ?? 0)} {label.toLowerCase()}
        </span>
      ))}
    </div>
  );
}

/** The chart for who hears it: only the bars in which something happened. */
function BarTable({ bars }: { readonly bars: readonly Bar[] }) {
  return (
    // A table takes the width that it needs; what is around it does not.
    <div className="visually-hidden">
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
    </div>
  );
}
