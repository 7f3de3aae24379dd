/** Things over time, in stacked bars. Dragging over it narrows what is shown to that stretch of time. */
import { useRef, useState, type PointerEvent, type ReactNode } from 'react';

import { formatScale, formatShortDateTime, formatTick } from './format.ts';
import { useWidth } from './size.ts';
import { isRoundTime, labelSeconds, niceCeiling, zoneMs, type Period } from './time-bars.ts';

import './histogram.css';

export interface TimeBar {
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

/** One colour of a bar, from the bottom up. */
export interface Layer {
  readonly id: string;
  readonly count: number;
  /** A colour as CSS has it. */
  readonly fill: string;
  /** The id of a pattern that lies over it. */
  readonly pattern?: string | undefined;
  readonly isFaint?: boolean;
}

interface HistogramProps<Bar extends TimeBar> {
  readonly bars: readonly Bar[];
  readonly stepSeconds: number;
  readonly layersOf: (bar: Bar) => readonly Layer[];
  /** What is told of a bar that is pointed at, below its time. */
  readonly tipOf: (bar: Bar) => ReactNode;
  readonly patterns?: ReactNode;
  /** The chart for who hears it. */
  readonly table: ReactNode;
  readonly onPeriod: (period: Period) => void;
}

const HEIGHT = 132;
const AXIS = 20;
const LEFT = 34;
const PLOT = HEIGHT - AXIS - 8;

export function Histogram<Bar extends TimeBar>(props: HistogramProps<Bar>) {
  const { bars, stepSeconds, layersOf, tipOf, patterns, table, onPeriod } = props;
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
          {patterns}
          <Scale top={top} width={width} />
          {bars.map((bar, index) => (
            <Stack key={bar.start} layers={layersOf(bar)} x={LEFT + index * barWidth} width={barWidth} top={top} />
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
          <Tip bar={hovered} x={LEFT + (at + 0.5) * barWidth} width={width} stepSeconds={stepSeconds}>
            {tipOf(hovered)}
          </Tip>
        )}
      </div>
      {/* A table takes the width that it needs; what is around it does not. */}
      <div className="visually-hidden">{table}</div>
    </div>
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
  readonly layers: readonly Layer[];
  readonly x: number;
  readonly width: number;
  readonly top: number;
}

function Stack({ layers, x, width, top }: StackProps) {
  let y = 8 + PLOT;
  const gap = width > 6 ? 2 : width > 3 ? 1 : 0;
  return layers.map(({ id, count, fill, pattern, isFaint = false }) => {
    // One among thousands is still a pixel or two.
    const height = Math.max(2, (count / top) * PLOT);
    y = Math.max(0, y - height);
    const place = { x: x + gap / 2, y, width: Math.max(1, width - gap), height: Math.max(1, height - 0.5) };
    return (
      <g key={id} data-look={id} opacity={isFaint ? 0.18 : 1}>
        <rect {...place} rx={1} fill={fill} />
        {pattern !== undefined && <rect {...place} fill={`url(#${pattern})`} />}
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
  readonly bars: readonly TimeBar[];
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
  children,
}: {
  readonly bar: TimeBar;
  readonly x: number;
  readonly width: number;
  readonly stepSeconds: number;
  readonly children: ReactNode;
}) {
  return (
    <div className="histogram-tip" style={x < width / 2 ? { left: x + 14 } : { right: width - x + 14 }}>
      <strong>{stepSeconds >= 86_400 ? formatTick(bar.start, stepSeconds) : formatShortDateTime(bar.start)}</strong>
      {children}
    </div>
  );
}
