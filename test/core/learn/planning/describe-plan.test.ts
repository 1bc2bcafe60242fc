import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import { parseOverrides } from '../../../../src/core/learn/plan/plan-overrides.ts';
import { summarizeFingerprints } from '../../../../src/core/learn/planning/data-summary.ts';
import { describePlan } from '../../../../src/core/learn/planning/describe-plan.ts';
import { caseFingerprint } from '../../../../src/core/learn/planning/fingerprint.ts';
import { makePlan, type PlanRequest } from '../../../../src/core/learn/planning/make-plan.ts';
import { SeededRandom } from '../../../../src/core/random.ts';
import { BALL_LABELS, rasGrid } from '../../../support/learn-cases.ts';

interface Scan {
  readonly shape?: Vec3;
  readonly spacingMm?: Vec3;
  /** Of the air around the body and of the tissue in it. */
  readonly air?: number;
  /** The body's share of rows and columns. */
  readonly body?: number;
  readonly lesionMm?: number;
  readonly lesionOutside?: boolean;
}

/** A box of tissue in air, in it a box of label 1 with a fifth of its extent and a lesion of label 2. */
function scan(options: Scan = {}) {
  const { shape = [80, 60, 20], spacingMm = [1, 1, 3], air = 0, body = 1, lesionMm = 8, lesionOutside } = options;
  const random = new SeededRandom(3);
  const [nx, ny, nz] = shape;
  const values = new Float32Array(nx * ny * nz);
  const classes = new Int16Array(values.length);
  for (let offset = 0; offset < values.length; offset++) {
    const [i, j, k] = [offset % nx, Math.floor(offset / nx) % ny, Math.floor(offset / (nx * ny))];
    const [x, y] = [Math.abs((i + 0.5) / nx - 0.5), Math.abs((j + 0.5) / ny - 0.5)];
    const inBody = Math.max(x, y) <= body / 2;
    values[offset] = inBody ? random.normal(80, 20) : air + random.normal(0, 2);
    const lesion = Math.hypot((i - nx * (lesionOutside ? 0.97 : 0.6)) * spacingMm[0], (j - ny / 2) * spacingMm[1]);
    if (lesion <= lesionMm / 2 && k > 3 && k < 16) classes[offset] = 2;
    else if (Math.max(x, y) <= 0.1) classes[offset] = 1;
  }
  return caseFingerprint({ grid: rasGrid(shape, spacingMm), channels: [values] }, { classes }, 3);
}

function sentences(cases: PlanRequest['cases'], overrides?: unknown, preset: PlanRequest['preset'] = 'auto'): string[] {
  const request = {
    preset,
    labels: BALL_LABELS,
    channelNames: ['scan'],
    cases,
    cores: 2,
    onGpu: false,
    memoryBytes: 2 ** 34,
  };
  const decided = overrides === undefined ? undefined : parseOverrides(JSON.stringify(overrides), 'plan.json');
  const plan = makePlan(request, decided);
  return describePlan(plan, summarizeFingerprints(cases, plan.slicing), decided);
}

const about = (found: readonly string[], start: string) => found.filter((sentence) => sentence.startsWith(start));

describe('describePlan', () => {
  it('says what every decision rests on', () => {
    const found = sentences([scan(), scan(), scan(), scan(), scan({ spacingMm: [1, 3, 1] })]);
    expect(found).toEqual([
      'Slices are axial, because 4 of 5 cases have their finest pixels that way (1 to 3 mm apart); each is seen with the one above and below it.',
      'Pixels are 1 x 1 mm, the median of the 5 cases; the network sees a whole slice in 192 x 80 pixels.',
      'Slices are not cropped, because hardly any of them is empty.',
      'Values of scan are normalised volume by volume, because they have no unit that is the same in every scan.',
      expect.stringMatching(
        /^It learns left ball \(4 % of the voxels\), right ball \(\d(\.\d)? % of the voxels\) from 100 slices of 5 cases \(those that tune included\), 100 of which show a label\.$/,
      ),
      expect.stringMatching(/^The network is a U-Net: 16 filters/),
      expect.stringMatching(/^It learns 4 slices a step \(50 % chosen to show a label\), with loss dice-ce/),
      expect.stringMatching(
        /^So that 100 slices are not learned by heart, they are turned, scaled and shifted \(80 %\)/,
      ),
    ]);
  });

  it('names the planes that cases were acquired in where they differ', () => {
    const [slices] = sentences([scan(), scan(), scan({ spacingMm: [1, 3, 1] })]);
    expect(slices).toBe(
      'Slices are those of the acquisition, because cases have their finest pixels in different planes, 2 axial and 1 coronal (3 mm apart); each is seen with the one above and below it.',
    );
  });

  it('tells equal spacings from votes, and one case from many', () => {
    expect(sentences([scan({ spacingMm: [1, 1, 1] })])[0]).toContain('as fine in every direction');
    expect(sentences([scan()])[0]).toContain('because the case has its finest pixels that way (3 mm apart)');
    expect(sentences([scan(), scan()])[0]).toContain('because all 2 cases have');
  });

  it('tells Hounsfield units, and why slices are cropped or not', () => {
    const ct = sentences([scan({ air: -1000, body: 0.5 })]);
    expect(about(ct, 'Only the box')[0]).toMatch(
      /^Only the box around the body is looked at, because \d\d % of a slice is empty\.$/,
    );
    expect(about(ct, 'Values of scan')[0]).toMatch(
      /^Values of scan are looked at from [\d.]+ to [\d.]+, which .* Hounsfield units/,
    );
    const outside = sentences([scan({ air: -1000, body: 0.5, lesionOutside: true })]);
    expect(about(outside, 'Slices are not cropped')[0]).toContain('because in 1 case labels lie outside');
  });

  it('says when pixels are coarser than the images, and when windows are seen instead', () => {
    const large = { shape: [300, 300, 20], spacingMm: [1, 1, 3] } as const;
    const [, coarse] = sentences([scan({ ...large, lesionMm: 40 })]);
    expect(coarse).toMatch(
      /coarser than the median of 1 x 1 mm, so that .* \(the smaller labelled structures are \d+(\.\d)? mm across\)/,
    );
    const [, windows] = sentences([scan({ ...large, lesionMm: 5 })]);
    expect(windows).toMatch(
      /it sees windows of \d+ x \d+ pixels.*, because still coarser pixels would lose small structures\.$/,
    );
  });

  it('says what a person decided, and does not give reasons for it', () => {
    const found = sentences([scan()], { slicing: 'coronal', batch: { size: 3 }, crop: 'body' });
    expect(found[0]).toContain('Slices are coronal, as decided');
    expect(about(found, 'Only the box')[0]).toBe('Only the box around the body is looked at, as decided.');
    expect(found.at(-1)).toBe('Decided by plan.json: slicing, batch.size, crop.');
  });

  it('says of the presets where they come from', () => {
    const found = sentences([scan()], undefined, 'seed');
    expect(found[1]).toBe('They are stretched to 240 x 240 pixels, as in the source of this project.');
    expect(about(found, 'Slices are learned as they are')).toHaveLength(1);
    expect(sentences([scan()], undefined, 'paper').join(' ')).toContain('as in the U-Net paper: 64 filters');
  });
});

describe('summarizeFingerprints', () => {
  it('counts and measures in the slicing that is asked for, and survives JSON', () => {
    const cases = [scan({ lesionMm: 8 }), scan({ shape: [100, 60, 20], lesionMm: 12 })];
    const summary = summarizeFingerprints(cases, 'axial');
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
    expect(summary).toMatchObject({
      cases: 2,
      slicing: 'axial',
      slices: 40,
      trainingSlices: 40,
      foregroundSlices: 40,
      labelsOutsideBody: 0,
      finest: { axial: 2, coronal: 0, sagittal: 0 },
      columns: { min: 80, median: 90, max: 100 },
      rows: { min: 60, median: 60, max: 60 },
      sliceSpacingMm: { min: 3, median: 3, max: 3 },
    });
    const [background, , lesion] = summary.classes;
    expect(background).toMatchObject({ cases: 2, components: 0, componentMm: null });
    expect(lesion).toMatchObject({ cases: 2, components: 2 });
    expect(lesion.componentMm?.median).toBeCloseTo(10, 0);
    expect(summary.classes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(summarizeFingerprints(cases, 'coronal')).toMatchObject({ slices: 120, rows: { median: 20 } });
  });

  it('knows labels that only later cases have', () => {
    const first = { ...scan(), classVoxels: [96_000] };
    expect(summarizeFingerprints([first, scan()], 'axial').classes.map(({ cases }) => cases)).toEqual([2, 1, 1]);
  });
});
