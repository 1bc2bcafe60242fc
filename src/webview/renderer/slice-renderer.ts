import type { LabelArray } from '../../core/label/label-map.ts';
import type { SliceImage } from '../../core/volume/slice-image.ts';
import type { Window } from '../../core/volume/volume-schemas.ts';
import type { LabelPalette } from './label-palette.ts';

/** The labels of one slice; pixel (column, row) is `data[column + columns * row]`. A changed slice is a new object. */
export interface LabelLayer {
  readonly columns: number;
  readonly rows: number;
  readonly data: LabelArray;
}

/** Everything that one picture of one slice needs. The layers that exist have the same size, `columns` x `rows`. */
export interface SliceView {
  readonly columns: number;
  readonly rows: number;
  readonly image: SliceImage | undefined;
  /** Real-world value = stored * slope + intercept, for formats other than `f32` and `rgba8`. */
  readonly scaling: { readonly slope: number; readonly intercept: number };
  /** The window is in real-world values; it is not applied to `rgba8`. */
  readonly window: Window;
  readonly interpolation: 'linear' | 'nearest';
  /** The labels that were drawn appear as solid fill and outline. */
  readonly labels: LabelLayer | undefined;
  /** The proposal that waits appears hatched, with a dashed outline. */
  readonly proposal: LabelLayer | undefined;
  /**
   * Where another person's labels differ (see `disagreementPixels`), they appear cross-hatched in their colours, white
   * for background.
   */
  readonly disagreement: LabelLayer | undefined;
  readonly palette: LabelPalette;
  /** The opacity of the fill, 0 to 1; outlines are always opaque. */
  readonly labelOpacity: number;
  /** The device pixel of the top left CORNER of plane pixel (0, 0), and the number of device pixels per plane pixel. */
  readonly placement: { readonly x: number; readonly y: number; readonly scaleX: number; readonly scaleY: number };
  /** Device pixels per CSS pixel; outlines and hatching keep their width on any screen. */
  readonly devicePixelRatio: number;
}

/** Draws slices into a canvas of its own. Where there is nothing to draw, the canvas is black. */
export interface SliceRenderer {
  readonly kind: 'webgl2' | 'canvas2d';
  readonly canvas: HTMLCanvasElement;
  /** The size is in device pixels. */
  resize(width: number, height: number): void;
  draw(frame: SliceView): void;
  dispose(): void;
}

/** Outline width in CSS pixels. */
export const OUTLINE_PX = 1.5;
/** Period and line width of the hatching of proposals, in CSS pixels across the lines. */
export const HATCH_PERIOD_PX = 7;
export const HATCH_LINE_PX = 2;
/** Period and visible part of dashed outlines, in CSS pixels. */
export const DASH_PERIOD_PX = 8;
export const DASH_LINE_PX = 5;

/** Period and line width of the cross-hatching of disagreement, in CSS pixels across the lines. */
export const CROSS_PERIOD_PX = 6;
export const CROSS_LINE_PX = 1.5;

/** Display levels, 0 to 1, at the window's lower and upper end: `shown = (stored * gain) + offset`. */
export function windowRamp(
  window: Window,
  scaling: { readonly slope: number; readonly intercept: number },
): { readonly gain: number; readonly offset: number } {
  return {
    gain: scaling.slope / window.width,
    offset: (scaling.intercept - (window.level - window.width / 2)) / window.width,
  };
}
