/** What mouse, pen and finger do on the timeline: point, click, drag sideways, zoom by wheel. */
import { useEffect, useEffectEvent, useRef, useState, type PointerEvent, type RefObject } from 'react';

export interface PointerOptions {
  /** @param y from the top of what is visible */
  readonly rowAt: (y: number) => number | null;
  readonly onZoom: (factor: number, x: number) => void;
  readonly onPan: (pixels: number) => void;
  readonly onClick: (row: number) => void;
}

export interface Hover {
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

/** A hand that clicks is never quite still. */
const CLICK_PIXELS_MAX = 4;
const WHEEL_ZOOM = 0.0025;

export function usePointer(ref: RefObject<HTMLElement | null>, options: PointerOptions) {
  const [hover, setHover] = useState<Hover | null>(null);
  const drag = useRef<{ readonly from: number; last: number; moved: number } | null>(null);

  const wheel = useEffectEvent((event: WheelEvent) => {
    // The plain wheel scrolls the rows, as everywhere. A pinch on a touchpad comes as a wheel with Ctrl.
    if (!event.ctrlKey && !event.metaKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey)
      options.onZoom(Math.exp(event.deltaY * WHEEL_ZOOM), placeOf(event, event.currentTarget as HTMLElement).x);
    else options.onPan(event.deltaX);
  });
  useEffect(() => {
    const element = ref.current;
    const listener = (event: WheelEvent): void => wheel(event);
    // React listens passively, and a passive listener cannot keep the page from zooming.
    element?.addEventListener('wheel', listener, { passive: false });
    return () => element?.removeEventListener('wheel', listener);
  }, [ref]);

  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>): void => {
      if (event.button === 0) drag.current = { from: event.clientX, last: event.clientX, moved: 0 };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>): void => {
      const { x, y } = placeOf(event, event.currentTarget);
      const row = options.rowAt(y);
      setHover(row === null ? null : { row, x, y });
      if (drag.current === null) return;
      if (event.buttons === 0) {
        drag.current = null;
        return;
      }
      drag.current.moved = Math.max(drag.current.moved, Math.abs(event.clientX - drag.current.from));
      if (drag.current.moved > CLICK_PIXELS_MAX) {
        if (event.pointerType === 'mouse' && !event.currentTarget.hasPointerCapture(event.pointerId))
          event.currentTarget.setPointerCapture(event.pointerId);
        options.onPan(drag.current.last - event.clientX);
      }
      drag.current.last = event.clientX;
    },
    onPointerUp: (event: PointerEvent<HTMLElement>): void => {
      const isClick = drag.current !== null && drag.current.moved <= CLICK_PIXELS_MAX;
      drag.current = null;
      const row = options.rowAt(placeOf(event, event.currentTarget).y);
      if (isClick && row !== null) options.onClick(row);
    },
    onPointerLeave: (): void => setHover(null),
    onPointerCancel: (): void => {
      drag.current = null;
    },
  };
  return { hover, handlers };
}

function placeOf(
  { clientX, clientY }: { readonly clientX: number; readonly clientY: number },
  element: HTMLElement,
): { readonly x: number; readonly y: number } {
  const { left, top } = element.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}
