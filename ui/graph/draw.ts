/** Draws what of the timeline can be seen, on a canvas. The rows above and below cost nothing. */
import { drawBar } from './draw-bars.ts';
import { drawLook } from './draw-look.ts';
import type { RowEdge } from './rows.ts';
import { formatOffset, ticksOf } from './scale.ts';
import { AXIS_HEIGHT, barX, middleOf, ROW_HEIGHT, shorten, type Scene } from './scene.ts';
import { titleOf } from './messages.ts';

const TICK_GAP = 84;
/** With more, single lines cannot be told apart, and only those of the selected row are drawn. */
const EDGES_MAX = 600;

export function drawTimeline(context: CanvasRenderingContext2D, scene: Scene): void {
  const { width, height, rows, scrollTop } = scene;
  context.clearRect(0, 0, width, height);
  const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT));
  const last = Math.min(rows.length - 1, Math.floor((scrollTop + height - AXIS_HEIGHT) / ROW_HEIGHT));
  context.textBaseline = 'middle';
  drawBackgrounds(context, scene, first, last);
  context.save();
  context.beginPath();
  context.rect(scene.left, AXIS_HEIGHT, width - scene.left, height);
  context.clip();
  drawGuides(context, scene);
  drawEdges(context, scene, first, last);
  for (let at = first; at <= last; at += 1) drawBar(context, scene, at);
  drawPlayhead(context, scene);
  context.restore();
  for (let at = first; at <= last; at += 1) drawName(context, scene, at);
  drawAxis(context, scene);
}

function drawBackgrounds(context: CanvasRenderingContext2D, scene: Scene, first: number, last: number): void {
  const { palette, width } = scene;
  for (const [row, colour] of [
    [scene.hoveredRow, palette.hover],
    [scene.selectedRow, palette.accentSoft],
  ] as const) {
    if (row === null || row < first || row > last) continue;
    context.fillStyle = colour;
    context.fillRect(0, middleOf(row, scene) - ROW_HEIGHT / 2, width, ROW_HEIGHT);
  }
}

function drawGuides(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, origin, width, left, height, palette } = scene;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const offset of ticksOf(view, origin, width - left, TICK_GAP).offsets) {
    const x = Math.round(barX(origin + offset, scene)) + 0.5;
    context.moveTo(x, AXIS_HEIGHT);
    context.lineTo(x, height);
  }
  context.stroke();
}

function drawEdges(context: CanvasRenderingContext2D, scene: Scene, first: number, last: number): void {
  const { edges, palette, selectedRow, hoveredRow } = scene;
  const isMeant = ({ fromRow, toRow }: RowEdge): boolean =>
    [selectedRow, hoveredRow].some((row) => row !== null && (row === fromRow || row === toRow));
  const seen = edges.filter(
    ({ fromRow, toRow }) => Math.max(fromRow, toRow) >= first && Math.min(fromRow, toRow) <= last,
  );
  const plain = seen.length <= EDGES_MAX ? seen.filter((edge) => !isMeant(edge)) : [];
  for (const [group, colour, lineWidth, alpha] of [
    [plain, palette.edge, 1, 0.55],
    [seen.filter(isMeant), palette.accent, 1.75, 1],
  ] as const) {
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = lineWidth;
    context.globalAlpha = alpha;
    for (const { fromRow, toRow, fromTime, toTime } of group) {
      drawEdge(context, barX(fromTime, scene), middleOf(fromRow, scene), barX(toTime, scene), middleOf(toRow, scene));
    }
    context.globalAlpha = 1;
  }
}

/** From the end of one bar to the start of another, with an arrow's head. */
function drawEdge(context: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  const bend = Math.min(36, Math.max(10, Math.abs(toX - fromX) / 2));
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.bezierCurveTo(fromX + bend, fromY, toX - bend, toY, toX - 4, toY);
  context.stroke();
  context.beginPath();
  context.moveTo(toX, toY);
  context.lineTo(toX - 5, toY - 3);
  context.lineTo(toX - 5, toY + 3);
  context.fill();
}

function drawPlayhead(context: CanvasRenderingContext2D, scene: Scene): void {
  if (!scene.isGrowing) return;
  const x = barX(scene.now, scene);
  context.strokeStyle = scene.palette.accent;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x, AXIS_HEIGHT);
  context.lineTo(x, scene.height);
  context.stroke();
  context.setLineDash([]);
}

const INDENT = 14;

function drawName(context: CanvasRenderingContext2D, scene: Scene, at: number): void {
  const row = scene.rows[at];
  if (row === undefined) return;
  const { palette, left } = scene;
  const x = 10 + Math.min(row.depth, 6) * INDENT;
  const y = middleOf(at, scene);
  context.textAlign = 'left';
  context.font = `${row.kind === 'group' ? '600 ' : ''}12px ${palette.sans}`;
  if (row.kind === 'group') drawCaret(context, palette.muted, x, y, row.isOpen);
  else if (row.kind === 'run') drawLook(context, palette, row.node.look, x, y - 7, 14);
  context.fillStyle = row.kind === 'more' ? palette.accent : palette.text;
  context.fillText(shorten(context, titleOf(row), left - x - 28), x + 20, y + 0.5);
}

function drawCaret(context: CanvasRenderingContext2D, colour: string, x: number, y: number, isOpen: boolean): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.beginPath();
  const points = isOpen
    ? [
        [3, -2],
        [7, 2],
        [11, -2],
      ]
    : [
        [5, -4],
        [9, 0],
        [5, 4],
      ];
  points.forEach(([dx = 0, dy = 0], step) =>
    step === 0 ? context.moveTo(x + dx, y + dy) : context.lineTo(x + dx, y + dy),
  );
  context.stroke();
}

function drawAxis(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, origin, width, left, palette } = scene;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, AXIS_HEIGHT);
  context.fillStyle = palette.line;
  context.fillRect(0, AXIS_HEIGHT - 1, width, 1);
  context.fillRect(left - 1, 0, 1, scene.height);
  context.font = `11px ${palette.sans}`;
  context.fillStyle = palette.muted;
  context.textAlign = 'left';
  const { step, offsets } = ticksOf(view, origin, width - left, TICK_GAP);
  for (const offset of offsets) {
    const x = barX(origin + offset, scene);
    const says = formatOffset(offset, step);
    if (x >= left && x + context.measureText(says).width + 4 < width) context.fillText(says, x + 4, AXIS_HEIGHT / 2);
  }
}
