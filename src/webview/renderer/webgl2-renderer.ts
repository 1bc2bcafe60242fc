import { VoxelLoopError } from '../../core/errors.ts';
import type { SliceFormat, SliceImage } from '../../core/volume/slice-image.ts';
import { sliceSamples } from '../slices/slice-samples.ts';
import type { LabelPalette } from './label-palette.ts';
import { fragmentShader, VERTEX_SHADER } from './shaders.ts';
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

/** This page has no usable WebGL2, or a slice is larger than its textures may be. */
export class WebGl2UnavailableError extends VoxelLoopError {
  readonly code = 'webgl2-unavailable';
}

/** The texture units stay the same for the renderer's life. */
const UNIT = { image: 0, labels: 1, proposal: 2, palette: 3, disagreement: 4 } as const;
const PALETTE_WIDTH = 256;

interface Program {
  readonly program: WebGLProgram;
  readonly locations: ReadonlyMap<string, WebGLUniformLocation>;
}

interface BoundTexture<Source> {
  readonly texture: WebGLTexture;
  source: Source | undefined;
}

/** Draws with WebGL2: stored values go to the card as they are; window, colours and outlines are the shader's work. */
export class WebGl2Renderer implements SliceRenderer {
  readonly kind = 'webgl2';
  readonly #gl: WebGL2RenderingContext;
  readonly #programs = new Map<SliceFormat, Program>();
  readonly #image: BoundTexture<SliceImage>;
  readonly #labels: BoundTexture<LabelLayer>;
  readonly #proposal: BoundTexture<LabelLayer>;
  readonly #disagreement: BoundTexture<LabelLayer>;
  readonly #palette: BoundTexture<LabelPalette>;
  readonly #vertexArray: WebGLVertexArrayObject;
  readonly #maxTextureSize: number;

  /** @throws WebGl2UnavailableError */
  constructor(readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false, stencil: false });
    if (!gl) throw new WebGl2UnavailableError('WebGL2 is not available here. Slices are drawn without it.');
    this.#gl = gl;
    this.#maxTextureSize = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.#vertexArray = gl.createVertexArray();
    this.#image = { texture: this.#createTexture(), source: undefined };
    this.#labels = { texture: this.#createTexture(), source: undefined };
    this.#proposal = { texture: this.#createTexture(), source: undefined };
    this.#disagreement = { texture: this.#createTexture(), source: undefined };
    this.#palette = { texture: this.#createTexture(), source: undefined };
  }

  get isLost(): boolean {
    return this.#gl.isContextLost();
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  /** @throws WebGl2UnavailableError if the slice does not fit into a texture or the shader does not compile */
  draw(frame: SliceView): void {
    const gl = this.#gl;
    if (gl.isContextLost()) return;
    if (Math.max(frame.columns, frame.rows) > this.#maxTextureSize) {
      throw new WebGl2UnavailableError(
        `Slices of ${frame.columns} x ${frame.rows} are too large for WebGL2 here. They are drawn without it.`,
      );
    }
    this.#uploadImage(frame.image);
    this.#uploadLabels(UNIT.labels, this.#labels, frame.labels);
    this.#uploadLabels(UNIT.proposal, this.#proposal, frame.proposal);
    this.#uploadLabels(UNIT.disagreement, this.#disagreement, frame.disagreement);
    this.#uploadPalette(frame.palette);

    const { program, locations } = this.#program(frame.image?.format ?? 'u8');
    const at = (name: string) => locations.get(name) ?? null;
    const ramp = windowRamp(frame.window, isScaled(frame.image) ? { slope: 1, intercept: 0 } : frame.scaling);
    const { placement, devicePixelRatio: ratio } = frame;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.useProgram(program);
    gl.bindVertexArray(this.#vertexArray);
    gl.uniform1i(at('image'), UNIT.image);
    gl.uniform1i(at('labels'), UNIT.labels);
    gl.uniform1i(at('proposal'), UNIT.proposal);
    gl.uniform1i(at('palette'), UNIT.palette);
    gl.uniform1i(at('disagreement'), UNIT.disagreement);
    gl.uniform1i(at('paletteSize'), frame.palette.size);
    gl.uniform2i(at('size'), frame.columns, frame.rows);
    gl.uniform4f(at('placement'), placement.x, placement.y, placement.scaleX, placement.scaleY);
    gl.uniform1f(at('canvasHeight'), this.canvas.height);
    gl.uniform2f(at('ramp'), ramp.gain, ramp.offset);
    gl.uniform1i(at('hasImage'), frame.image ? 1 : 0);
    gl.uniform1i(at('hasLabels'), frame.labels ? 1 : 0);
    gl.uniform1i(at('hasProposal'), frame.proposal ? 1 : 0);
    gl.uniform1i(at('hasDisagreement'), frame.disagreement ? 1 : 0);
    gl.uniform1i(at('linearFilter'), frame.interpolation === 'linear' ? 1 : 0);
    gl.uniform1f(at('opacity'), frame.labelOpacity);
    gl.uniform1f(at('outline'), OUTLINE_PX * ratio);
    gl.uniform2f(at('hatch'), HATCH_PERIOD_PX * ratio, HATCH_LINE_PX * ratio);
    gl.uniform2f(at('crossing'), CROSS_PERIOD_PX * ratio, CROSS_LINE_PX * ratio);
    gl.uniform2f(at('dash'), DASH_PERIOD_PX * ratio, DASH_LINE_PX * ratio);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  dispose(): void {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
    this.canvas.remove();
  }

  #createTexture(): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    // Integer and float textures are complete only without filtering and mipmaps.
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }

  #program(format: SliceFormat): Program {
    const known = this.#programs.get(format);
    if (known) return known;
    const gl = this.#gl;
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX_SHADER],
      [gl.FRAGMENT_SHADER, fragmentShader(format)],
    ] as const) {
      const shader = gl.createShader(type);
      if (!shader) throw new WebGl2UnavailableError('WebGL2 stopped working. Slices are drawn without it.');
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      const log = (gl.getAttachedShaders(program) ?? []).map((shader) => gl.getShaderInfoLog(shader)).join('\n');
      throw new WebGl2UnavailableError('This graphics driver refuses our shader. Slices are drawn without WebGL2.', {
        cause: `${gl.getProgramInfoLog(program)}\n${log}`,
      });
    }
    const locations = new Map<string, WebGLUniformLocation>();
    const uniforms = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) as number;
    for (let n = 0; n < uniforms; n++) {
      const name = gl.getActiveUniform(program, n)?.name;
      const location = name ? gl.getUniformLocation(program, name) : null;
      if (name && location) locations.set(name, location);
    }
    const entry = { program, locations };
    this.#programs.set(format, entry);
    return entry;
  }

  #uploadImage(image: SliceImage | undefined): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + UNIT.image);
    gl.bindTexture(gl.TEXTURE_2D, this.#image.texture);
    if (image && image === this.#image.source) return;
    const [columns, rows] = image ? [image.columns, image.rows] : [1, 1];
    const [internal, format, type] = this.#texelType(image?.format ?? 'u8');
    const samples = image ? sliceSamples(image) : new Uint8Array(1);
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, columns, rows, 0, format, type, samples);
    this.#image.source = image;
  }

  #texelType(format: SliceFormat): readonly [internal: number, format: number, type: number] {
    const gl = this.#gl;
    switch (format) {
      case 'u8':
        return [gl.R8UI, gl.RED_INTEGER, gl.UNSIGNED_BYTE];
      case 'u16':
        return [gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT];
      case 'i16':
        return [gl.R16I, gl.RED_INTEGER, gl.SHORT];
      case 'f32':
        return [gl.R32F, gl.RED, gl.FLOAT];
      case 'rgba8':
        return [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE];
    }
  }

  #uploadLabels(unit: number, bound: BoundTexture<LabelLayer>, layer: LabelLayer | undefined): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, bound.texture);
    if (layer && layer === bound.source) return;
    const [columns, rows] = layer ? [layer.columns, layer.rows] : [1, 1];
    const data = layer?.data ?? new Uint8Array(1);
    if (data instanceof Uint16Array) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16UI, columns, rows, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, data);
    } else {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, columns, rows, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, data);
    }
    bound.source = layer;
  }

  #uploadPalette(palette: LabelPalette): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + UNIT.palette);
    gl.bindTexture(gl.TEXTURE_2D, this.#palette.texture);
    if (palette === this.#palette.source) return;
    const rows = Math.max(1, Math.ceil(palette.size / PALETTE_WIDTH));
    const pixels = new Uint8Array(4 * PALETTE_WIDTH * rows);
    pixels.set(palette.rgba);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, PALETTE_WIDTH, rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    this.#palette.source = palette;
  }
}

/** `f32` and `rgba8` slices hold real-world values already, so they are not scaled. */
function isScaled(image: SliceImage | undefined): boolean {
  return image?.format === 'f32' || image?.format === 'rgba8';
}
