import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** The superuser may write everything: nobody is asked instead. */
const NOBODY = 65_534;

/** What `writeProtectionOf` says to a user whom permissions stop. */
async function askedByAUser(folder: string, paths: readonly string[]): Promise<unknown[]> {
  const outfile = join(folder, 'ask.cjs');
  await build({
    stdin: {
      contents: `import { writeProtectionOf } from './src/node/files/write-protection.ts';
        Promise.all(process.argv.slice(2).map(writeProtectionOf)).then((all) => console.log(JSON.stringify(all)));`,
      resolveDir: join(import.meta.dirname, '../../..'),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
  chmodSync(outfile, 0o644);
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  return JSON.parse(execFileSync(process.execPath, [outfile, ...paths], { encoding: 'utf8', cwd: folder, ...user }));
}

describe.skipIf(process.platform === 'win32')('whether a label file can be written, known before anybody draws', () => {
  it('is told by the permissions of the file, of its folder, and of the nearest folder that is there', async () => {
    const root = temporaryFolder();
    const place = (name: string, mode: number) => {
      const path = join(root, name);
      mkdirSync(path);
      writeFileSync(join(path, 'a_seg.nii'), '');
      chmodSync(join(path, 'a_seg.nii'), 0o666);
      chmodSync(path, mode);
      return path;
    };
    for (let folder = root; folder !== '/tmp' && folder !== '/'; folder = join(folder, '..')) chmodSync(folder, 0o755);
    const [open, shut] = [place('open', 0o777), place('shut', 0o555)];
    writeFileSync(join(open, 'locked_seg.nii'), '');
    chmodSync(join(open, 'locked_seg.nii'), 0o444);
    symlinkSync(join(shut, 'a_seg.nii'), join(open, 'link_seg.nii'));
    const answers = await askedByAUser(root, [
      ...[join(open, 'a_seg.nii'), join(open, 'new_seg.nii'), join(open, 'labelsTr/sub/new.nii')],
      ...[join(open, 'locked_seg.nii'), join(shut, 'a_seg.nii'), join(shut, 'labelsTr/new.nii')],
      join(open, 'link_seg.nii'),
    ]);
    const folder = { path: shut, isFolder: true, isDisk: false };
    expect(answers).toEqual([
      ...[null, null, null],
      { path: join(open, 'locked_seg.nii'), isFolder: false, isDisk: false },
      ...[folder, folder, folder],
    ]);
  });
});
