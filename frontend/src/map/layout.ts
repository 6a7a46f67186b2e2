/** Keep markers apart: those that would cover each other move aside and keep a line to their place. */

export interface Box {
  /** Where the marker belongs, in pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** How far it had to move. */
  dx: number;
  dy: number;
}

const ROUNDS = 60;
const FARTHEST = 64;

/** Push two boxes apart along the axis on which they overlap less; return whether they did overlap. */
function separate(a: Box, b: Box): boolean {
  const awayX = b.x + b.dx - (a.x + a.dx);
  const awayY = b.y + b.dy - (a.y + a.dy);
  const overlapX = (a.width + b.width) / 2 - Math.abs(awayX);
  const overlapY = (a.height + b.height) / 2 - Math.abs(awayY);
  if (overlapX <= 0.5 || overlapY <= 0.5) return false;
  if (overlapY <= overlapX) {
    const push = (overlapY / 2) * (awayY < 0 ? -1 : 1);
    a.dy -= push;
    b.dy += push;
  } else {
    const push = (overlapX / 2) * (awayX < 0 ? -1 : 1);
    a.dx -= push;
    b.dx += push;
  }
  return true;
}

function hold(box: Box): void {
  const distance = Math.hypot(box.dx, box.dy);
  if (distance > FARTHEST) {
    box.dx *= FARTHEST / distance;
    box.dy *= FARTHEST / distance;
  }
}

/** Move the boxes in place. Boxes that lie too thick stay near their place and may overlap. */
export function spread(boxes: Box[]): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    let moved = false;
    for (let i = 0; i < boxes.length; i += 1) {
      for (let j = i + 1; j < boxes.length; j += 1) {
        moved = separate(boxes[i]!, boxes[j]!) || moved;
      }
    }
    boxes.forEach(hold);
    if (!moved) return;
  }
}

export interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export const overlaps = (a: Rectangle, b: Rectangle): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
