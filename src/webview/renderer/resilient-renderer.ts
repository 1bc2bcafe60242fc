import { Canvas2dRenderer } from './canvas2d-renderer.ts';
import type { SliceRenderer, SliceView } from './slice-renderer.ts';
import { WebGl2Renderer } from './webgl2-renderer.ts';

/**
 * Draws with WebGL2 as long as it works and with Canvas2D whenever it does not: there may be no WebGL2, its context may
 * be lost (drivers reset, there are too many contexts, the machine slept), or slices may be too large for it. When a
 * lost context comes back, so does WebGL2. A canvas can have only one kind of context, so each renderer brings its own
 * canvas, as the first (lowest) child of `container`.
 */
export class ResilientRenderer {
  #renderer: SliceRenderer;
  /** This renderer waits for its context to be restored. */
  #lost: WebGl2Renderer | undefined;
  #size: readonly [number, number] = [1, 1];
  #frame: SliceView | undefined;
  #disposed = false;

  constructor(
    private readonly container: HTMLElement,
    /** Is told why WebGL2 is not used. */
    private readonly onFallback: (error: unknown) => void,
  ) {
    this.#renderer = this.#start();
    this.container.prepend(this.#renderer.canvas);
  }

  get kind(): SliceRenderer['kind'] {
    return this.#renderer.kind;
  }

  /** The size is in device pixels. Resizing clears the picture, so it has to be drawn again. */
  resize(width: number, height: number): void {
    this.#size = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
    this.#renderer.resize(...this.#size);
  }

  draw(frame: SliceView): void {
    this.#frame = frame;
    try {
      this.#renderer.draw(frame);
    } catch (error) {
      if (this.#renderer.kind === 'canvas2d') throw error;
      this.onFallback(error);
      this.#use(new Canvas2dRenderer(document.createElement('canvas')));
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#lost?.dispose();
    this.#renderer.dispose();
  }

  #start(): SliceRenderer {
    try {
      const renderer = new WebGl2Renderer(document.createElement('canvas'));
      this.#watch(renderer);
      return renderer;
    } catch (error) {
      this.onFallback(error);
      return new Canvas2dRenderer(document.createElement('canvas'));
    }
  }

  #watch(renderer: WebGl2Renderer): void {
    renderer.canvas.addEventListener('webglcontextlost', (event) => {
      // Without this the browser never restores the context.
      event.preventDefault();
      if (this.#disposed || this.#renderer !== renderer) return;
      this.#lost = renderer;
      this.#renderer = new Canvas2dRenderer(document.createElement('canvas'));
      renderer.canvas.replaceWith(this.#renderer.canvas);
      this.#redraw();
    });
    renderer.canvas.addEventListener('webglcontextrestored', () => {
      if (this.#disposed || this.#lost !== renderer) return;
      this.#lost = undefined;
      renderer.dispose();
      // Textures and programs died with the context, so everything is made anew.
      this.#use(this.#start());
    });
  }

  #use(renderer: SliceRenderer): void {
    this.#renderer.dispose();
    this.#renderer = renderer;
    this.container.prepend(renderer.canvas);
    this.#redraw();
  }

  #redraw(): void {
    this.#renderer.resize(...this.#size);
    if (this.#frame) this.#renderer.draw(this.#frame);
  }
}
