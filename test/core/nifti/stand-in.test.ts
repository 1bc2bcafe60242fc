import { describe, expect, it } from 'vitest';
import { parseNiftiHeader } from '../../../src/core/nifti/nifti-header.ts';

describe('what stands where a volume should be (issue 11, 14)', () => {
  it.each([
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 1\n',
      'nifti-lfs-pointer',
      'git lfs pull',
    ],
    ['a git-annex pointer', '/annex/objects/MD5E-s15--c8.nii.gz\n', 'nifti-annex-pointer', 'git annex get'],
    ['a login page', '<!DOCTYPE html><html>login</html>', 'nifti-web-page', 'download it again'],
    [
      'a page with white space and a byte order mark',
      '\u00ef\u00bb\u00bf\n <html lang="en">',
      'nifti-web-page',
      'download it again',
    ],
    [
      'an error of a storage service',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
      'nifti-web-page',
      'download it again',
    ],
    ['what macOS keeps beside a file', `\0\u0005\u0016\u0007${'\0'.repeat(200)}`, 'nifti-apple-double', '"._"'],
    ['nothing', '', 'nifti-empty', 'empty'],
    ['any other text', 'patient;liver\n', 'nifti-not-nifti', 'not a NIfTI file'],
  ])('%s has its own sentence', (_, text, code, said) => {
    let caught: unknown;
    try {
      parseNiftiHeader(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code, message: expect.stringContaining(said) });
  });
});
