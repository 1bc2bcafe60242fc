import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../../src/core/geometry/vector.ts';
import type { CleanUp } from '../../../../src/core/learn/plan/plan.ts';
import { IGNORED } from '../../../../src/core/learn/planes/plane-transform.ts';
import { cleanUpClasses } from '../../../../src/core/learn/prediction/clean-up.ts';
import { type CleanUpCase, learnCleanUp } from '../../../../src/core/learn/prediction/learn-clean-up.ts';
import { naiveComponents } from '../../../support/naive-components.ts';

interface Map3 {
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  readonly classes: Uint8Array;
}

function naiveCleanUp(map: Map3, rules: readonly CleanUp[]): Uint8Array {
  const [x, y, z] = map.spacingMm;
  const result = Uint8Array.from(map.classes);
  rules.forEach((rule, index) => {
    const components = naiveComponents(map.classes, map.shape, index + 1);
    const largest = [...components].sort((a, b) => b.length - a.length)[0];
    for (const component of components) {
      const goes =
        (rule.kind === 'largest-component' && component !== largest) ||
        (rule.kind === 'remove-smaller' && component.length * x * y * z < rule.volumeMm3);
      if (goes) for (const voxel of component) result[voxel] = 0;
    }
  });
  return result;
}

const extent = fc.integer({ min: 1, max: 5 });
const shape: fc.Arbitrary<Vec3> = fc.tuple(extent, extent, extent);
const distanceMm = fc.constantFrom(0.5, 1, 3);
const spacingMm: fc.Arbitrary<Vec3> = fc.tuple(distanceMm, distanceMm, distanceMm);
/** Half background, so that components are many and small. */
const classesOf = ([nx, ny, nz]: Vec3, values = [0, 0, 0, 1, 1, 2]) =>
  fc.array(fc.constantFrom(...values), { minLength: nx * ny * nz, maxLength: nx * ny * nz });
const map = fc
  .tuple(shape, spacingMm)
  .chain(([of, spacing]) =>
    classesOf(of).map((classes): Map3 => ({ shape: of, spacingMm: spacing, classes: Uint8Array.from(classes) })),
  );
const rule: fc.Arbitrary<CleanUp> = fc.oneof(
  fc.constant<CleanUp>({ kind: 'none' }),
  fc.constant<CleanUp>({ kind: 'largest-component' }),
  fc.constantFrom(0.1, 1, 2, 5, 30).map((volumeMm3): CleanUp => ({ kind: 'remove-smaller', volumeMm3 })),
);

describe('cleanUpClasses', () => {
  it('removes what a flood over voxels removes', () => {
    fc.assert(
      fc.property(map, fc.tuple(rule, rule), (each, rules) => {
        const expected = naiveCleanUp(each, rules);
        const classes = Uint8Array.from(each.classes);
        cleanUpClasses(classes, each, rules);
        expect([...classes]).toEqual([...expected]);
      }),
    );
  });

  it('keeps the first of equally large components', () => {
    const classes = Uint8Array.of(1, 0, 1, 1, 0, 1, 1);
    cleanUpClasses(classes, { shape: [7, 1, 1], spacingMm: [1, 1, 1] }, [{ kind: 'largest-component' }]);
    expect([...classes]).toEqual([0, 0, 1, 1, 0, 0, 0]);
  });

  it('keeps a component of exactly the least volume', () => {
    const classes = Uint8Array.of(1, 0, 1, 1);
    cleanUpClasses(classes, { shape: [4, 1, 1], spacingMm: [1, 2, 0.5] }, [{ kind: 'remove-smaller', volumeMm3: 2 }]);
    expect([...classes]).toEqual([0, 0, 1, 1]);
  });
});

async function* each(cases: readonly CleanUpCase[]): AsyncGenerator<CleanUpCase> {
  yield* cases;
}

/** Volumes of one row, whose components are runs. */
function row(classes: string, truth: string, voxelMm3 = 1): CleanUpCase {
  const read = (text: string) => [...text].map((character) => (character === '?' ? IGNORED : Number(character)));
  return {
    classes: Uint8Array.from(read(classes)),
    truth: Int16Array.from(read(truth)),
    grid: { shape: [classes.length, 1, 1], spacingMm: [voxelMm3, 1, 1] },
  };
}

const learn = (cases: readonly CleanUpCase[], labels = 1) => learnCleanUp(each(cases), labels);
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

describe('learnCleanUp', () => {
  it('removes specks where two parts are true', async () => {
    const rules = await learn(times(4, () => row('0111001110010', '0111001110000', 2)));
    // The speck has 2 mm3.
    expect(rules).toEqual([{ kind: 'remove-smaller', volumeMm3: 2.1 }]);
  });

  it('keeps the largest component where what is wrong is as large as what is right elsewhere', async () => {
    const rules = await learn([
      row('0111111001110', '0111111000000'),
      row('0111000000000', '0111000000000'),
      row('0111111001110', '0111111000000'),
    ]);
    expect(rules).toEqual([{ kind: 'largest-component' }]);
  });

  it('leaves alone what is right, what gains too little, and what hurts as many cases as it helps', async () => {
    expect(await learn(times(4, () => row('01110', '01110')))).toEqual([{ kind: 'none' }]);
    // Nothing is predicted at all.
    expect(await learn(times(4, () => row('00000', '01110')))).toEqual([{ kind: 'none' }]);
    const long = '1'.repeat(2000);
    expect(await learn(times(4, () => row(`${long}01`, `${long}00`)))).toEqual([{ kind: 'none' }]);
    expect(await learn(times(4, () => row(`${long.slice(0, 200)}01`, `${long.slice(0, 200)}00`)))).not.toEqual([
      { kind: 'none' },
    ]);
    // Much is gained in two cases and little lost in the two others, by either rule.
    expect(
      await learn([
        ...times(2, () => row('0111001110', '0111000000')),
        ...times(2, () => row(`0${long.slice(0, 60)}01110`, `0${long.slice(0, 60)}01110`)),
      ]),
    ).toEqual([{ kind: 'none' }]);
  });

  it('wants three cases that show the label', async () => {
    const good = () => row('0111001', '0111000');
    expect(await learn(times(2, good))).toEqual([{ kind: 'none' }]);
    expect(await learn([...times(2, good), row('0000001', '0000000')])).toEqual([{ kind: 'none' }]);
    expect(await learn(times(3, good))).not.toEqual([{ kind: 'none' }]);
  });

  it('counts a case as won where the label is absent and all that was predicted goes', async () => {
    const rules = await learn([...times(3, () => row('0111000', '0111000')), row('0000001', '0000000')]);
    expect(rules).toEqual([{ kind: 'remove-smaller', volumeMm3: 1.05 }]);
  });

  it('leaves voxels out of which nothing is known', async () => {
    expect(await learn(times(4, () => row('0111001', '01110??')))).toEqual([{ kind: 'none' }]);
    // Half of the component is known, and all of its volume counts.
    expect(await learn(times(4, () => row('01111100011', '011111000?0')))).toEqual([
      { kind: 'remove-smaller', volumeMm3: 2.1 },
    ]);
  });

  it('decides for each label by itself', async () => {
    const rules = await learn(
      times(3, () => row('0111002220010020', '0111002220000020')),
      3,
    );
    expect(rules).toEqual([{ kind: 'remove-smaller', volumeMm3: 1.05 }, { kind: 'none' }, { kind: 'none' }]);
  });

  it('never chooses a rule that lowers the mean Dice of the cases it learned from', async () => {
    const oneCase = fc.tuple(shape, spacingMm).chain(([of, spacing]) =>
      fc.tuple(classesOf(of), classesOf(of, [IGNORED, 0, 0, 1, 1, 2])).map(([classes, truth]): CleanUpCase & Map3 => ({
        classes: Uint8Array.from(classes),
        truth: Int16Array.from(truth),
        grid: { shape: of, spacingMm: spacing },
        shape: of,
        spacingMm: spacing,
      })),
    );
    let chosen = 0;
    const check = fc.asyncProperty(fc.array(oneCase, { minLength: 3, maxLength: 5 }), async (cases) => {
      const rules = await learn(cases, 2);
      for (const [index, found] of rules.entries()) {
        if (found.kind === 'none') continue;
        chosen++;
        const only = rules.map((other, at): CleanUp => (at === index ? other : { kind: 'none' }));
        const gains = cases.map((one) => {
          const before = naiveDice(one.classes, one.truth, index + 1);
          // A case that shows the label nowhere does not count.
          return before === null ? 0 : (naiveDice(naiveCleanUp(one, only), one.truth, index + 1) ?? 1) - before;
        });
        expect(gains.reduce((sum, gain) => sum + gain, 0)).toBeGreaterThan(0);
        expect(gains.filter((gain) => gain > 0).length).toBeGreaterThan(gains.filter((gain) => gain < 0).length);
      }
    });
    await fc.assert(check, { seed: 1, numRuns: 300 });
    expect(chosen).toBeGreaterThan(20);
  });
});

function naiveDice(classes: Uint8Array, truth: Int16Array, label: number): number | null {
  let [both, sum] = [0, 0];
  truth.forEach((value, voxel) => {
    if (value === IGNORED) return;
    if (value === label && classes[voxel] === label) both++;
    sum += (value === label ? 1 : 0) + (classes[voxel] === label ? 1 : 0);
  });
  return sum === 0 ? null : (2 * both) / sum;
}
