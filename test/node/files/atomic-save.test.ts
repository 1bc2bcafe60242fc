import { spawn } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/core/errors.ts';
import { saveAtomically, saveBytesAtomically } from '../../../src/node/files/atomic-save.ts';
import { copyInto } from '../../../src/node/files/copy-into.ts';
import { FileAccessError } from '../../../src/node/files/file-access-error.ts';
import { GuardedFolder } from '../../../src/node/files/guarded-folder.ts';
import { bundleProgram } from '../../support/run-bundled.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const text = (content: string) => new TextEncoder().encode(content);
/** Windows has no modes, and symbolic links only for administrators. */
const onPosix = process.platform === 'win32' ? () => undefined : it;

describe('atomic save', () => {
  it('makes a file and replaces a file, and leaves nothing else behind', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'labels.nii');
    for (const content of ['first', 'second, longer', '']) {
      await saveBytesAtomically(path, text(content));
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
    expect(readdirSync(folder)).toEqual(['labels.nii']);
  });

  onPosix('keeps the mode of the file', async () => {
    const path = join(temporaryFolder(), 'labels.nii');
    writeFileSync(path, 'old');
    chmodSync(path, 0o660);
    await saveBytesAtomically(path, text('new'));
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  onPosix('follows symbolic links, dangling ones too, and leaves them links', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'store'));
    writeFileSync(join(folder, 'store/real.nii'), 'old');
    symlinkSync('store/real.nii', join(folder, 'link.nii'));
    symlinkSync('link.nii', join(folder, 'link-to-link.nii'));
    await saveBytesAtomically(join(folder, 'link-to-link.nii'), text('new'));
    expect(readFileSync(join(folder, 'store/real.nii'), 'utf8')).toBe('new');

    symlinkSync('store/to-be.nii', join(folder, 'dangling.nii'));
    await saveBytesAtomically(join(folder, 'dangling.nii'), text('made'));
    expect(readFileSync(join(folder, 'store/to-be.nii'), 'utf8')).toBe('made');
    for (const link of ['link.nii', 'link-to-link.nii', 'dangling.nii']) {
      expect(lstatSync(join(folder, link)).isSymbolicLink()).toBe(true);
    }
    expect(readdirSync(join(folder, 'store')).sort()).toEqual(['real.nii', 'to-be.nii']);
  });

  it('leaves the old file and no other when writing fails', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'labels.nii');
    writeFileSync(path, 'old');
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const saving = saveAtomically(path, async (handle) => {
      await handle.write('half');
      throw full;
    });
    await expect(saving).rejects.toThrow(
      'labels.nii cannot be written: the disk is full. Free some space and try again.',
    );
    await expect(saving).rejects.toMatchObject({ code: 'file-access', systemCode: 'ENOSPC', cause: full });
    const cancelled = saveAtomically(path, () => Promise.reject(new CancelledError()));
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['labels.nii']);
  });

  it('copies a file whole, and one that cannot be read leaves the old file and no other', async () => {
    const folder = temporaryFolder();
    const [source, path] = [join(folder, 'source.nii'), join(folder, 'case.nii')];
    const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
    writeFileSync(source, bytes);
    const files = new GuardedFolder(folder);
    await copyInto(files, source, path);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    await expect(copyInto(files, join(folder, 'none.nii'), path)).rejects.toThrow(FileAccessError);
    await expect(copyInto(files, folder, path)).rejects.toThrow(FileAccessError);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['case.nii', 'source.nii']);
  });

  it('says when the folder is missing or the path is a folder', async () => {
    const folder = temporaryFolder();
    await expect(saveBytesAtomically(join(folder, 'none/labels.nii'), text('x'))).rejects.toThrow(
      /the folder .* does not exist/,
    );
    mkdirSync(join(folder, 'taken'));
    await expect(saveBytesAtomically(join(folder, 'taken'), text('x'))).rejects.toThrow(FileAccessError);
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  onPosix('does not replace a write-protected file', async () => {
    const program = bundleProgram(`
      import { saveBytesAtomically } from './src/node/files/atomic-save.ts';
      saveBytesAtomically(process.argv[2], new Uint8Array(3)).catch((error) => console.log(error.message));
    `);
    const folder = temporaryFolder();
    const path = join(folder, 'labels.nii');
    writeFileSync(path, 'old');
    chmodSync(path, 0o444);
    for (const each of [folder, dirname(program)]) chmodSync(each, 0o777);
    // Write protection does not bind root: as nobody then.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'], ...nobody });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(output).toContain('labels.nii cannot be written: you have no permission');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['labels.nii']);
  });

  it('killed at any moment, leaves the old or the new file whole', async () => {
    const program = bundleProgram(`
      import { saveBytesAtomically } from './src/node/files/atomic-save.ts';
      const block = new Uint8Array(3_000_000);
      const run = async () => {
        for (let n = 1; ; n++) {
          await saveBytesAtomically(process.argv[2], block.fill(n));
          if (n === 1) process.stdout.write('running');
        }
      };
      void run();
    `);
    const path = join(temporaryFolder(), 'labels.nii');
    for (const wait of [0, 3, 7, 13, 29]) {
      const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      const content = readFileSync(path);
      expect(content.length).toBe(3_000_000);
      expect(content.every((byte) => byte === content[0])).toBe(true);
    }
  });
});
