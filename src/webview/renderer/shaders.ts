import type { SliceFormat } from '../../core/volume/slice-image.ts';

/** One triangle covers the canvas; its corners come from the vertex number, so there are no buffers. */
export const VERTEX_SHADER = `#version 300 es
void main() {
  vec2 corner = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

/**
 * The declaration of the image texture, and the part of it that is data, by format. Integer textures keep every stored
 * value.
 */
const IMAGE_SAMPLER: Readonly<Record<SliceFormat, string>> = {
  u8: 'highp usampler2D',
  u16: 'highp usampler2D',
  i16: 'highp isampler2D',
  f32: 'highp sampler2D',
  rgba8: 'highp sampler2D',
};

/**
 * Fragment shader for images of `format`.
 *
 * Plane coordinates: pixel (c, r) covers [c, c + 1) x [r, r + 1), and its centre is at + 0.5. Integer textures cannot
 * be filtered by the sampler, so linear interpolation is four fetches for every format. Values are interpolated after
 * the window's ramp but before clamping, which equals interpolating the values themselves.
 *
 * A label's outline lies inside its region: a fragment is on it if the label differs `outline` device pixels away in
 * one of eight directions.
 */
export function fragmentShader(format: SliceFormat): string {
  return `#version 300 es
precision highp float;
precision highp int;
uniform ${IMAGE_SAMPLER[format]} image;
uniform highp usampler2D labels;
uniform highp usampler2D proposal;
uniform highp usampler2D disagreement;
uniform sampler2D palette;
uniform int paletteSize;
uniform ivec2 size;
uniform vec4 placement;
uniform float canvasHeight;
uniform vec2 ramp;
uniform bool hasImage, hasLabels, hasProposal, hasDisagreement, linearFilter;
uniform float opacity;
uniform float outline;
uniform vec2 hatch;
uniform vec2 dash;
uniform vec2 crossing;
out vec4 color;

vec3 texel(ivec2 at) {
  ivec2 inside = clamp(at, ivec2(0), size - 1);
  ${
    format === 'rgba8'
      ? 'vec4 pixel = texelFetch(image, inside, 0); return pixel.rgb * pixel.a;'
      : `float value = float(texelFetch(image, inside, 0).r) * ramp.x + ramp.y;
  return vec3(isnan(value) ? 0.0 : clamp(value, -1.0e6, 1.0e6));`
  }
}

vec3 imageAt(vec2 plane) {
  if (!linearFilter) return texel(ivec2(floor(plane)));
  vec2 p = plane - 0.5;
  ivec2 base = ivec2(floor(p));
  vec2 f = p - vec2(base);
  vec3 upper = mix(texel(base), texel(base + ivec2(1, 0)), f.x);
  vec3 lower = mix(texel(base + ivec2(0, 1)), texel(base + ivec2(1, 1)), f.x);
  return mix(upper, lower, f.y);
}

uint labelAt(highp usampler2D map, vec2 plane) {
  ivec2 at = ivec2(floor(plane));
  if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, size))) return 0u;
  return texelFetch(map, at, 0).r;
}

bool onOutline(highp usampler2D map, vec2 plane, uint label) {
  vec2 d = outline / placement.zw;
  vec2 e = d * 0.7071;
  return labelAt(map, plane + vec2(d.x, 0.0)) != label || labelAt(map, plane - vec2(d.x, 0.0)) != label
    || labelAt(map, plane + vec2(0.0, d.y)) != label || labelAt(map, plane - vec2(0.0, d.y)) != label
    || labelAt(map, plane + e) != label || labelAt(map, plane - e) != label
    || labelAt(map, plane + vec2(e.x, -e.y)) != label || labelAt(map, plane - vec2(e.x, -e.y)) != label;
}

vec4 paletteColor(uint label) {
  if (int(label) >= paletteSize) return vec4(0.5, 0.5, 0.5, 1.0);
  return texelFetch(palette, ivec2(int(label) & 255, int(label) >> 8), 0);
}

void main() {
  vec2 device = vec2(gl_FragCoord.x, canvasHeight - gl_FragCoord.y);
  vec2 plane = (device - placement.xy) / placement.zw;
  color = vec4(0.0, 0.0, 0.0, 1.0);
  if (any(lessThan(plane, vec2(0.0))) || any(greaterThanEqual(plane, vec2(size)))) return;
  if (hasImage) color.rgb = clamp(imageAt(plane), 0.0, 1.0);
  if (hasLabels) {
    uint label = labelAt(labels, plane);
    vec4 paint = paletteColor(label);
    if (label != 0u && paint.a > 0.0) {
      color.rgb = mix(color.rgb, paint.rgb, onOutline(labels, plane, label) ? 1.0 : opacity);
    }
  }
  if (hasProposal) {
    uint label = labelAt(proposal, plane);
    vec4 paint = paletteColor(label);
    if (label != 0u && paint.a > 0.0) {
      if (onOutline(proposal, plane, label)) {
        // Dashes run along x + y, so that they break horizontal and vertical edges alike; a dark gap keeps them
        // readable over bright tissue and over paint of the same colour.
        bool line = mod(device.x + device.y, dash.x) < dash.y;
        color.rgb = line ? paint.rgb : color.rgb * 0.35;
      } else {
        // The factor 1 / sqrt(2) gives the distance across diagonal lines.
        bool line = mod((device.x - device.y) * 0.7071, hatch.x) < hatch.y;
        if (line) color.rgb = mix(color.rgb, paint.rgb, max(0.35, min(1.0, opacity * 1.6)));
      }
    }
  }
  if (hasDisagreement) {
    uint code = labelAt(disagreement, plane);
    if (code != 0u) {
      vec4 paint = code == 1u ? vec4(1.0) : paletteColor(code - 1u);
      if (paint.a > 0.0) {
        // It is white around and dark between the lines, so it differs from label outlines and shows on any tissue.
        bool edge = onOutline(disagreement, plane, code);
        vec2 diagonals = mod(vec2(device.x - device.y, device.x + device.y) * 0.7071, crossing.x);
        bool line = diagonals.x < crossing.y || diagonals.y < crossing.y;
        if (edge) color.rgb = vec3(1.0);
        else color.rgb = line ? paint.rgb : color.rgb * 0.6;
      }
    }
  }
}`;
}
