import type { Segmentation } from '../../volume/volume-header.ts';

/** So many segments are looked for; a label map holds fewer. */
const MOST_SEGMENTS = 65_535;

/**
 * Reads what 3D Slicer writes into a `.seg.nrrd`: names, colours and values of its segments. Files from before Slicer
 * 4.11 say neither value nor layer, and hold each segment in a layer of its own.
 *
 * @returns undefined where the file is no segmentation
 */
export function segmentationOf(pairs: ReadonlyMap<string, string>, layers: number): Segmentation | undefined {
  const labels: { value: number; name: string; color: string | null }[] = [];
  const values = new Set<number>();
  for (let n = 0; n < MOST_SEGMENTS && pairs.has(`Segment${n}_ID`); n++) {
    const value = Number(pairs.get(`Segment${n}_LabelValue`) ?? n + 1);
    if (!Number.isSafeInteger(value) || value === 0 || values.has(value)) continue;
    values.add(value);
    const name = (pairs.get(`Segment${n}_Name`) ?? pairs.get(`Segment${n}_ID`) ?? '').trim();
    labels.push({ value, name: name || `Segment ${n + 1}`, color: colourOf(pairs.get(`Segment${n}_Color`)) });
  }
  return pairs.has('Segment0_ID') ? { layers, labels } : undefined;
}

/** Reads "0.5 0.68 0.5", red, green and blue from 0 to 1, as "#80ad80". It is null where the file says none. */
function colourOf(text: string | undefined): string | null {
  const parts = (text ?? '').trim().split(/\s+/).map(Number);
  if (parts.length !== 3 || !parts.every((part) => part >= 0 && part <= 1)) return null;
  return `#${parts
    .map((part) =>
      Math.round(part * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
