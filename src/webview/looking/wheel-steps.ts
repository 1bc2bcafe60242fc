/** The part of a wheel event that stepping looks at; see the DOM's WheelEvent. */
export interface WheelDelta {
  readonly deltaY: number;
  /** 0 stands for pixels, 1 for lines, 2 for pages. */
  readonly deltaMode: number;
}

/** Pixel deltas at least this large come from a wheel with notches, smaller ones from a touchpad. */
const NOTCH_PIXELS = 60;
const TOUCHPAD_PIXELS_PER_STEP = 24;

/**
 * Turns wheel events into whole steps: one per notch of a mouse wheel, however far the notch says to scroll, and one
 * per 24 pixels of a touchpad's stream of small deltas.
 */
export class WheelSteps {
  #rest = 0;

  /** The steps of this event; they are positive away from the user (wheel up). */
  take({ deltaY, deltaMode }: WheelDelta): number {
    if (deltaY === 0) return 0;
    if (deltaMode !== 0 || Math.abs(deltaY) >= NOTCH_PIXELS) {
      this.#rest = 0;
      return deltaY < 0 ? 1 : -1;
    }
    if (Math.sign(deltaY) === -Math.sign(this.#rest)) this.#rest = 0;
    this.#rest += deltaY;
    const steps = Math.trunc(this.#rest / TOUCHPAD_PIXELS_PER_STEP);
    this.#rest -= steps * TOUCHPAD_PIXELS_PER_STEP;
    return steps === 0 ? 0 : -steps;
  }
}
