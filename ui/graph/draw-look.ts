import { lookById } from '../features/states/state-look.ts';
import type { Palette } from './palette.ts';

const shapes = new Map<string, Path2D>();

function shapeOf(path: string): Path2D {
  const known = shapes.get(path);
  if (known !== undefined) return known;
  const shape = new Path2D(path);
  shapes.set(path, shape);
  return shape;
}

/** The shape of a state, with its corner at a point. @param look its id @param size in pixels */
export function drawLook(
  context: CanvasRenderingContext2D,
  palette: Palette,
  look: string,
  x: number,
  y: number,
  size: number,
): void {
  const { id, fill, line, mark } = lookById(look);
  context.save();
  context.translate(x, y);
  context.scale(size / 16, size / 16);
  context.fillStyle = context.strokeStyle = palette.states[id] ?? palette.muted;
  context.lineCap = context.lineJoin = 'round';
  context.lineWidth = 1.6;
  if (fill !== undefined) context.fill(shapeOf(fill));
  if (line !== undefined) context.stroke(shapeOf(line));
  context.strokeStyle = palette.surface;
  if (mark !== undefined) context.stroke(shapeOf(mark));
  context.restore();
}
