/**
 * Okabe and Ito's palette (Color Universal Design, 2008) without black and grey, which a scan has itself. Its colours
 * can be told apart with every common kind of colour blindness, and none of them looks like tissue. They are ordered so
 * that the first few are farthest apart.
 */
const FIRST_COLORS = ['#d55e00', '#56b4e9', '#f0e442', '#009e73', '#cc79a7', '#0072b2', '#e69f00'];

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
/** Lightness goes in steps on top of hue, for eyes that cannot tell some hues apart. */
const LIGHTNESS = [0.78, 0.58, 0.68];

/**
 * Returns the default colour of the dense label `index` (from 1 on) as `#rrggbb`. Beyond the fixed ones hues go round
 * the OKLCH circle by the golden angle, so any two neighbours differ in hue and in lightness.
 */
export function labelColor(index: number): string {
  if (index <= FIRST_COLORS.length) return FIRST_COLORS[Math.max(0, index - 1)];
  const lightness = LIGHTNESS[index % LIGHTNESS.length];
  const hue = index * GOLDEN_ANGLE;
  // The colour becomes less colourful until it is one that a screen can show.
  for (let chroma = 0.16; ; chroma -= 0.01) {
    const rgb = oklchToSrgb(lightness, chroma, hue);
    if (chroma <= 0 || rgb.every((channel) => channel >= 0 && channel <= 1)) {
      return `#${rgb.map(toHex).join('')}`;
    }
  }
}

/**
 * With thousands of labels each would look through the colours of all others; eyes cannot tell so many apart anyway.
 */
const MOST_TRIES = 50;

/**
 * Returns the default colour of the dense label `index`, or one of the next default ones that no other label of the
 * case has.
 * @param taken `#rrggbb`, lower case
 */
export function freeLabelColor(index: number, taken: ReadonlySet<string>): string {
  for (let step = 0; step <= Math.min(taken.size, MOST_TRIES); step++) {
    const color = labelColor(index + step);
    if (!taken.has(color)) return color;
  }
  return labelColor(index);
}

/** Reads a colour as [red, green, blue], 0 to 255. A text that is not `#rrggbb` becomes grey rather than nothing. */
export function parseColor(color: string): readonly [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return [128, 128, 128];
  return [Number.parseInt(match[1], 16), Number.parseInt(match[2], 16), Number.parseInt(match[3], 16)];
}

/**
 * Turns OKLCH into sRGB, with channels 0 to 1 (a channel outside means that it is no colour of sRGB). Björn Ottosson,
 * "A perceptual color space", 2020.
 */
function oklchToSrgb(lightness: number, chroma: number, hue: number): number[] {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((linear) => (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055));
}

function toHex(channel: number): string {
  return Math.round(Math.min(1, Math.max(0, channel)) * 255)
    .toString(16)
    .padStart(2, '0');
}
