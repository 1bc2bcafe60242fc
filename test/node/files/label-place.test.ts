import { mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelPlace } from '../../../src/node/files/label-place.ts';
import { temporaryFolder, writeTree } from '../../support/temporary-folder.ts';

/** Windows lets administrators alone make symbolic links. */
const onPosix = process.platform === 'win32' ? () => undefined : it;

function farm(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>>) {
  const folder = realpathSync(temporaryFolder());
  writeTree(folder, { 'cohort/dataset.json': '{}', ...files });
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  }
  const root = join(folder, 'cohort');
  return { folder, root, place: (labels: string) => labelPlace(home(root), join(root, labels)) };
}

const home = (root: string, ...agreed: readonly string[]) => ({ root, labelFolders: new Set(agreed) });

describe('where a label file is written', () => {
  it('is where it lies, also where it and its folder are not there yet', async () => {
    const { root, place } = farm({ 'cohort/labelsTr/a.nii.gz': 'labels' }, {});
    expect((await place('labelsTr/a.nii.gz')).path).toBe(join(root, 'labelsTr/a.nii.gz'));
    expect((await place('derivatives/x/a.nii.gz')).path).toBe(join(root, 'derivatives/x/a.nii.gz'));
  });

  onPosix('is what links inside the cohort lead to, and the cohort itself may be a link', async () => {
    const { folder, root, place } = farm(
      { 'cohort/store/v2.nii.gz': 'labels' },
      { 'cohort/labelsTr/a.nii.gz': '../store/v2.nii.gz', 'cohort/labelsTs': 'store', 'elsewhere/me': '../cohort' },
    );
    expect((await place('labelsTr/a.nii.gz')).path).toBe(join(root, 'store/v2.nii.gz'));
    expect((await place('labelsTs/new.nii.gz')).path).toBe(join(root, 'store/new.nii.gz'));
    const through = join(folder, 'elsewhere/me');
    expect((await labelPlace(home(through), join(through, 'labelsTr/a.nii.gz'))).path).toBe(
      join(root, 'store/v2.nii.gz'),
    );
  });

  onPosix('is nowhere outside of the cohort: a linked file, a linked folder, a link to a link', async () => {
    const { folder, place } = farm(
      { 'data/labelsTr/a.nii.gz': 'labels', 'home/.bashrc.d/own.sh': '' },
      {
        'cohort/labelsTr/a.nii.gz': '../../data/labelsTr/a.nii.gz',
        'cohort/labelsTr/c.nii.gz': 'a.nii.gz',
        'cohort/labelsTs': '../home/.bashrc.d',
      },
    );
    for (const labels of ['labelsTr/a.nii.gz', 'labelsTr/c.nii.gz', 'labelsTs/x.nii']) {
      await expect(place(labels), labels).rejects.toMatchObject({ code: 'unsafe-path' });
    }
    await expect(place('labelsTr/a.nii.gz')).rejects.toThrow(
      `labelsTr/a.nii.gz leads through a link to ${join(folder, 'data/labelsTr/a.nii.gz')}, and Voxel Loop writes label maps only inside the open cohort`,
    );
    expect(readFileSync(join(folder, 'data/labelsTr/a.nii.gz'), 'utf8')).toBe('labels');
  });

  onPosix('is not what a dangling link leads to, which nobody has seen', async () => {
    const { place } = farm({}, { 'cohort/a_seg.nii': '../home/.bash_aliases', 'cohort/b_seg.nii': 'gone.nii' });
    for (const labels of ['a_seg.nii', 'b_seg.nii']) {
      await expect(place(labels)).rejects.toThrow(/is a link to .*, and nothing is there/);
    }
  });

  onPosix('is not in a store with tools of its own, and the sentence names the tool', async () => {
    const key = '.git/annex/objects/aa/bb/SHA256E-s6--0.nii.gz/SHA256E-s6--0.nii.gz';
    const { place } = farm(
      { [`cohort/${key}`]: 'labels', 'cohort/.dvc/cache/ab/cd': 'labels', 'cohort/.git/hooks/post-checkout.nii': '' },
      {
        'cohort/labelsTr/a.nii.gz': `../${key}`,
        'cohort/labelsTr/b.nii.gz': '../.dvc/cache/ab/cd',
        'cohort/labelsTr/c.nii': '../.git/hooks/post-checkout.nii',
        'cohort/labelsTr/d.nii': '../dataset.json',
      },
    );
    await expect(place('labelsTr/a.nii.gz')).rejects.toThrow(
      'Run "git annex unlock labelsTr/a.nii.gz" ("datalad unlock labelsTr/a.nii.gz" with DataLad), then save again.',
    );
    for (const labels of ['labelsTr/b.nii.gz', 'labelsTr/c.nii', 'labelsTr/d.nii']) {
      await expect(place(labels), labels).rejects.toMatchObject({ code: 'unsafe-path' });
    }
  });
});

/** `project/data -> /nas/data` with `project` as the workspace: the commonest honest link. */
describe('a link to a folder outside that the user has agreed to', () => {
  const share = (links: Readonly<Record<string, string>> = {}) =>
    farm({ 'nas/data/c1_seg.nii.gz': 'labels', 'nas/data/sub/.keep': '' }, { 'cohort/data': '../nas/data', ...links });

  onPosix('is named when it is refused, and is where label maps are written afterwards', async () => {
    const { folder, root, place } = share();
    const way = { link: join(root, 'data'), folder: join(folder, 'nas/data') };
    for (const name of ['data/c1_seg.nii.gz', 'data/sub/new_seg.nii']) {
      await expect(place(name)).rejects.toMatchObject({ code: 'unsafe-path', way });
      const { path, files } = await labelPlace(home(root, way.folder), join(root, name));
      expect([path, files.root]).toEqual([join(folder, 'nas', name), way.folder]);
    }
  });

  onPosix(
    'is agreed to for that folder alone: neither for another target nor for what a link in it leads to',
    async () => {
      const { folder, root } = share({
        'nas/data/sub/out': '../../../nas/other',
        'nas/other/x': '.',
        'cohort/more': '../nas/other',
      });
      const agreed = home(root, join(folder, 'nas/data'));
      for (const name of ['more/a.nii', 'data/sub/out/a.nii']) {
        await expect(labelPlace(agreed, join(root, name)), name).rejects.toMatchObject({ code: 'unsafe-path' });
      }
    },
  );

  onPosix('lets nothing be written there but label maps, and nothing where programs keep settings', async () => {
    const { folder, root } = share({
      'nas/data/b_seg.nii': 'sub/run.sh',
      'nas/data/sub/run.sh': '../../data/c1_seg.nii.gz',
    });
    const agreed = home(root, join(folder, 'nas/data'));
    await expect(labelPlace(agreed, join(root, 'data/run.sh'))).rejects.toMatchObject({ code: 'unsafe-path' });
    await expect(labelPlace(agreed, join(root, 'data/.git/a.nii'))).rejects.toMatchObject({ code: 'unsafe-path' });
  });

  onPosix(
    'is not offered where it leads to settings, to everything, or where the label file itself is the link',
    async () => {
      const { place } = farm(
        { 'me/.config/autostart/x': '', 'nas/a.nii': 'labels', 'cohort/labelsTr/own.nii': '' },
        {
          'cohort/hidden': '../me/.config/autostart',
          'cohort/above': '..',
          'cohort/disk': '/',
          'cohort/home': homedir(),
          'cohort/labelsTr/a.nii': '../../nas/a.nii',
        },
      );
      for (const name of ['hidden/a.nii', 'above/a.nii', 'disk/a.nii', 'home/a.nii', 'labelsTr/a.nii']) {
        await expect(place(name), name).rejects.toMatchObject({ code: 'unsafe-path', way: null });
      }
    },
  );
});
