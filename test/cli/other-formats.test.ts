import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { BALL_SHAPE, ballCohort } from '../support/ball-cohort.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildCli, cli } from './cli-process.ts';

beforeAll(buildCli);

/** What lies behind the header of a plain NIfTI file. */
const voxelsOf = (path: string) => readFileSync(path).subarray(352);

/** The identity in RAS is a turn by 180 degrees about the third axis in LPS. */
function nrrd(type: string, voxels: Uint8Array): Uint8Array {
  const lines = [
    `type: ${type}`,
    'dimension: 3',
    'space: left-posterior-superior',
    `sizes: ${BALL_SHAPE.join(' ')}`,
    'space directions: (-1,0,0) (0,-1,0) (0,0,1)',
    'encoding: gzip',
    'endian: little',
    'space origin: (0,0,0)',
  ];
  return Buffer.concat([Buffer.from(`NRRD0004\n${lines.join('\n')}\n\n`), gzipSync(voxels)]);
}

function meta(type: string, voxels: Uint8Array): Uint8Array {
  const header = `ObjectType = Image\nNDims = 3\nTransformMatrix = -1 0 0 0 -1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 1\nDimSize = ${BALL_SHAPE.join(' ')}\nCompressedData = True\nElementType = ${type}\nElementDataFile = LOCAL\n`;
  return Buffer.concat([Buffer.from(header), deflateSync(voxels)]);
}

/** The cohort of balls in other formats, side by side: images alternate, label maps are segmentations. */
async function otherCohort(): Promise<string> {
  const balls = await ballCohort(6);
  const root = temporaryFolder();
  for (let n = 0; n < 6; n++) {
    const id = `ball_${n}`;
    const image = voxelsOf(balls.image(id));
    if (n % 2 === 0) writeFileSync(join(root, `${id}.nrrd`), nrrd('float', image));
    else writeFileSync(join(root, `${id}.mha`), meta('MET_FLOAT', image));
    if (n < 5) writeFileSync(join(root, `${id}.seg.nrrd`), nrrd('unsigned char', voxelsOf(balls.labels(id))));
  }
  return root;
}

describe('NRRD and MetaImage volumes on the command line', () => {
  it('are described, train, are predicted into NIfTI, and are compared', async () => {
    const root = await otherCohort();
    const info = await cli('info', join(root, 'ball_1.mha'), '--json');
    expect(info).toMatchObject({ code: 0, stderr: '' });
    const described = JSON.parse(info.stdout) as object;
    expect(described).toMatchObject({
      format: 'MetaImage',
      dimensions: BALL_SHAPE,
      datatype: 'float32',
      orientation: 'RAS',
      geometrySource: 'TransformMatrix',
    });
    expect(described).not.toHaveProperty('niftiVersion');
    expect((await cli('info', join(root, 'ball_0.nrrd'))).stdout).toContain('ball_0.nrrd (NRRD 4, float32)');

    const trained = await cli('train', root, '--engine', 'cpu', '--epochs', '1', '--threads', '1');
    expect(trained.stderr).not.toContain('left out');
    expect(trained).toMatchObject({ code: 0 });
    const before = readdirSync(root).filter((name) => name !== '.voxel-loop');
    expect(before).toHaveLength(11);

    // Both were named, and both would become ball_0.nii.gz: that one of them does must be said.
    writeFileSync(join(root, 'ball_0.mha'), readFileSync(join(root, 'ball_2.nrrd')));
    const [named, other] = [join(root, 'ball_0.nrrd'), join(root, 'ball_0.mha')];
    const one = join(temporaryFolder(), 'one');
    const either = await cli('predict', named, other, '--model', join(root, '.voxel-loop/models/1'), '--out', one);
    expect(either).toMatchObject({ code: 0 });
    expect(either.stderr).toContain(`${other} is not used, because ball_0.nrrd lies beside it.\n`);
    rmSync(other);

    const out = join(temporaryFolder(), 'predictions');
    const model = join(root, '.voxel-loop/models/1');
    const predicted = await cli('predict', root, '--model', model, '--out', out, '--engine', 'cpu');
    expect(predicted).toMatchObject({ code: 0 });
    expect(readdirSync(out).sort()).toEqual(Array.from({ length: 6 }, (_, n) => `ball_${n}.nii.gz`));

    const labels = join(temporaryFolder(), 'labels');
    mkdirSync(labels);
    for (let n = 0; n < 5; n++) {
      writeFileSync(join(labels, `ball_${n}.seg.nrrd`), readFileSync(join(root, `ball_${n}.seg.nrrd`)));
    }
    const evaluated = await cli('evaluate', '--predictions', out, '--labels', labels, '--json');
    expect(evaluated.code).toBe(0);
    expect((JSON.parse(evaluated.stdout) as { cases: { id: string }[] }).cases.map(({ id }) => id)).toEqual(
      Array.from({ length: 5 }, (_, n) => `ball_${n}`),
    );
    expect(existsSync(join(root, 'ball_0_seg.nii.gz'))).toBe(false);
  }, 240_000);
});
