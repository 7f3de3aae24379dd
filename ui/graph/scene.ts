/** What the timeline's canvas is drawn from, and where things lie on it. */
import type { Palette } from './palette.ts';
import type { RowEdge, TimelineRow } from './rows.ts';
import { xOf, type View } from './scale.ts';

export const ROW_HEIGHT = 26;
export const AXIS_HEIGHT = 26;

export interface Scene {
  readonly rows: readonly TimelineRow[];
  readonly edges: readonly RowEdge[];
  readonly view: View;
  readonly origin: number;
  readonly now: number;
  /** Whether anything is under way: then a line stands at now. */
  readonly isGrowing: boolean;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  /** Width of the column of names. */
  readonly left: number;
  readonly selectedRow: number | null;
  readonly hoveredRow: number | null;
  readonly palette: Palette;
}

export function middleOf(row: number, { scrollTop }: Scene): number {
  return AXIS_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2 - scrollTop;
}

export function barX(time: number, { view, left, width }: Scene): number {
  return xOf(time, view, left, width - left);
}

/** As much of a text as fits. */
export function shorten(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) fits = middle;
    else tooLong = middle;
  }
  return `${text.slice(0, fits)}…`;
}
