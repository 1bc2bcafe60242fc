import { VoxelLoopError } from '../../core/errors.ts';
import { sliceSamples } from '../slices/slice-samples.ts';
import { labelOutline, type OutlineSegment } from './label-outline.ts';
import type { LabelPalette } from './label-palette.ts';
import {
  CROSS_LINE_PX,
  CROSS_PERIOD_PX,
  DASH_LINE_PX,
  DASH_PERIOD_PX,
  HATCH_LINE_PX,
  HATCH_PERIOD_PX,
  type LabelLayer,
  OUTLINE_PX,
  type SliceRenderer,
  type SliceView,
  windowRamp,
} from './slice-renderer.ts';

/** The browser gives no 2-D canvas, because memory is short or it is no real browser. */
export class CanvasUnavailableError extends VoxelLoopError {
  readonly code = 'canvas-unavailable';
}

/** Draws on the processor. This is slower, but it works everywhere, and the picture differs only in how dashes join. */
export class Canvas2dRenderer implements SliceRenderer {
  readonly kind = 'canvas2d';
  readonly #context: CanvasRenderingContext2D;
  /** Layers are painted at slice size here and then scaled as a whole. */
  readonly #scratch: CanvasRenderingContext2D;
  readonly #outlines = new WeakMap<LabelLayer, readonly OutlineSegment[]>();

  /** @throws CanvasUnavailableError */
  constructor(readonly canvas: HTMLCanvasElement) {
    this.#context = context2d(canvas, { alpha: false });
    this.#scratch = context2d(document.createElement('canvas'), { willReadFrequently: true });
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  draw(frame: SliceView): void {
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = '#000';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (frame.image) this.#blit(frame, imagePixels(frame), frame.interpolation === 'linear', 1);
    if (frame.labels) {
      this.#blit(frame, labelPixels(frame, frame.labels), false, frame.labelOpacity);
      this.#outline(frame, frame.labels, false);
    }
    if (frame.proposal) {
      this.#hatch(frame, frame.proposal);
      this.#outline(frame, frame.proposal, true);
    }
    if (frame.disagreement) this.#crossHatch(frame, frame.disagreement);
  }

  dispose(): void {
    this.canvas.remove();
  }

  #prepareScratch(columns: number, rows: number): CanvasRenderingContext2D {
    this.#scratch.canvas.width = columns;
    this.#scratch.canvas.height = rows;
    return this.#scratch;
  }

  #blit(frame: SliceView, pixels: ImageData, smooth: boolean, alpha: number): void {
    this.#prepareScratch(frame.columns, frame.rows).putImageData(pixels, 0, 0);
    const { x, y, scaleX, scaleY } = frame.placement;
    this.#context.imageSmoothingEnabled = smooth;
    this.#context.globalAlpha = alpha;
    this.#context.drawImage(this.#scratch.canvas, x, y, frame.columns * scaleX, frame.rows * scaleY);
    this.#context.globalAlpha = 1;
  }

  #outline(frame: SliceView, layer: LabelLayer, dashed: boolean): void {
    const context = this.#context;
    const width = OUTLINE_PX * frame.devicePixelRatio;
    const paths = this.#outlinePaths(frame, layer, (label) => isShown(frame.palette, label));
    context.lineWidth = width;
    context.lineCap = dashed ? 'butt' : 'square';
    for (const [label, path] of paths) {
      if (dashed) {
        context.setLineDash([]);
        context.strokeStyle = 'rgb(0 0 0 / 65%)';
        context.stroke(path);
        context.setLineDash([DASH_LINE_PX, DASH_PERIOD_PX - DASH_LINE_PX].map((px) => px * frame.devicePixelRatio));
      }
      context.strokeStyle = cssColor(frame.palette, label);
      context.stroke(path);
    }
    context.setLineDash([]);
  }

  #outlinePaths(frame: SliceView, layer: LabelLayer, isDrawn: (label: number) => boolean): Map<number, Path2D> {
    const { x, y, scaleX, scaleY } = frame.placement;
    const width = OUTLINE_PX * frame.devicePixelRatio;
    let segments = this.#outlines.get(layer);
    if (!segments) {
      segments = labelOutline(layer);
      this.#outlines.set(layer, segments);
    }
    const paths = new Map<number, Path2D>();
    for (const segment of segments) {
      if (!isDrawn(segment.label)) continue;
      const path = paths.get(segment.label) ?? new Path2D();
      paths.set(segment.label, path);
      // Lines are moved inwards by half their width, so that neighbouring labels do not cover each other's outline.
      const dx = (segment.inward[0] * width) / 2;
      const dy = (segment.inward[1] * width) / 2;
      path.moveTo(x + segment.fromColumn * scaleX + dx, y + segment.fromRow * scaleY + dy);
      path.lineTo(x + segment.toColumn * scaleX + dx, y + segment.toRow * scaleY + dy);
    }
    return paths;
  }

  #crossHatch(frame: SliceView, layer: LabelLayer): void {
    const context = this.#context;
    const ratio = frame.devicePixelRatio;
    const lines = this.#diagonals(CROSS_PERIOD_PX * ratio, true);
    for (const [code, region] of regionsOf(layer, frame.placement)) {
      if (code > 1 && !isShown(frame.palette, code - 1)) continue;
      context.save();
      context.clip(region);
      context.fillStyle = 'rgb(0 0 0 / 40%)';
      context.fillRect(0, 0, this.canvas.width, this.canvas.height);
      context.lineWidth = CROSS_LINE_PX * ratio;
      context.strokeStyle = code === 1 ? '#fff' : cssColor(frame.palette, code - 1);
      context.stroke(lines);
      context.restore();
    }
    const isDrawn = (code: number) => code === 1 || isShown(frame.palette, code - 1);
    context.lineWidth = OUTLINE_PX * ratio;
    context.lineCap = 'square';
    context.strokeStyle = '#fff';
    for (const path of this.#outlinePaths(frame, layer, isDrawn).values()) context.stroke(path);
  }

  /**
   * Lines from the upper left to the lower right, or both ways, over the whole canvas. @param period in device pixels
   */
  #diagonals(period: number, bothWays: boolean): Path2D {
    const { width, height } = this.canvas;
    const lines = new Path2D();
    for (let start = -height; start < width; start += period * Math.SQRT2) {
      lines.moveTo(start, 0);
      lines.lineTo(start + height, height);
      if (!bothWays) continue;
      lines.moveTo(start, height);
      lines.lineTo(start + height, 0);
    }
    return lines;
  }

  #hatch(frame: SliceView, layer: LabelLayer): void {
    const context = this.#context;
    const regions = [...regionsOf(layer, frame.placement)].filter(([label]) => isShown(frame.palette, label));
    const lines = this.#diagonals(HATCH_PERIOD_PX * frame.devicePixelRatio, false);
    context.lineWidth = HATCH_LINE_PX * frame.devicePixelRatio;
    context.globalAlpha = Math.max(0.35, Math.min(1, frame.labelOpacity * 1.6));
    for (const [label, region] of regions) {
      context.save();
      context.clip(region);
      context.strokeStyle = cssColor(frame.palette, label);
      context.stroke(lines);
      context.restore();
    }
    context.globalAlpha = 1;
  }
}

/** The area of each label of a layer, on the canvas. */
function regionsOf(layer: LabelLayer, { x, y, scaleX, scaleY }: SliceView['placement']): Map<number, Path2D> {
  const regions = new Map<number, Path2D>();
  for (let row = 0; row < layer.rows; row++) {
    for (let column = 0; column < layer.columns; ) {
      const label = layer.data[column + layer.columns * row];
      let end = column + 1;
      while (end < layer.columns && layer.data[end + layer.columns * row] === label) end++;
      if (label !== 0) {
        const path = regions.get(label) ?? new Path2D();
        regions.set(label, path);
        path.rect(x + column * scaleX, y + row * scaleY, (end - column) * scaleX, scaleY);
      }
      column = end;
    }
  }
  return regions;
}

function imagePixels(frame: SliceView): ImageData {
  const image = frame.image;
  const pixels = new ImageData(frame.columns, frame.rows);
  if (!image) return pixels;
  const samples = sliceSamples(image);
  if (image.format === 'rgba8') {
    for (let n = 0; n < samples.length; n += 4) {
      for (let channel = 0; channel < 3; channel++) {
        pixels.data[n + channel] = (samples[n + channel] * samples[n + 3]) / 255;
      }
      pixels.data[n + 3] = 255;
    }
    return pixels;
  }
  const scaling = image.format === 'f32' ? { slope: 1, intercept: 0 } : frame.scaling;
  const { gain, offset } = windowRamp(frame.window, scaling);
  for (let n = 0; n < samples.length; n++) {
    // A clamped array turns NaN into 0 and clamps the other values.
    const grey = (samples[n] * gain + offset) * 255;
    pixels.data[4 * n] = grey;
    pixels.data[4 * n + 1] = grey;
    pixels.data[4 * n + 2] = grey;
    pixels.data[4 * n + 3] = 255;
  }
  return pixels;
}

function labelPixels(frame: SliceView, layer: LabelLayer): ImageData {
  const pixels = new ImageData(layer.columns, layer.rows);
  for (let n = 0; n < layer.data.length; n++) {
    const label = layer.data[n];
    if (label !== 0) pixels.data.set(paletteColor(frame.palette, label), 4 * n);
  }
  return pixels;
}

/** A label that is not in the table (yet) is grey, so that no voxel is ever invisible by mistake. */
function paletteColor(palette: LabelPalette, label: number): Uint8Array {
  return label < palette.size ? palette.rgba.subarray(4 * label, 4 * label + 4) : UNKNOWN;
}

const UNKNOWN = Uint8Array.of(128, 128, 128, 255);

function isShown(palette: LabelPalette, label: number): boolean {
  return paletteColor(palette, label)[3] > 0;
}

function cssColor(palette: LabelPalette, label: number): string {
  const [red, green, blue] = paletteColor(palette, label);
  return `rgb(${red} ${green} ${blue})`;
}

function context2d(canvas: HTMLCanvasElement, settings: CanvasRenderingContext2DSettings): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', settings);
  if (!context) throw new CanvasUnavailableError('The browser cannot draw slices. Close other tabs and try again.');
  return context;
}
