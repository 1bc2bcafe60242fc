import { describe, expect, it } from 'vitest';
import { formatOf } from '../../../src/core/formats/registry.ts';

describe('what stands where a volume should be (issue 11, 14)', () => {
  it.each([
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0b\nsize 1\n',
      'volume-lfs-pointer',
      'git lfs pull',
    ],
    ['a git-annex pointer', '/annex/objects/MD5E-s15--c8.nii.gz\n', 'volume-annex-pointer', 'git annex get'],
    ['a login page', '<!DOCTYPE html><html>login</html>', 'volume-web-page', 'download it again'],
    [
      'a page with white space and a byte order mark',
      '\u00ef\u00bb\u00bf\n <html lang="en">',
      'volume-web-page',
      'download it again',
    ],
    [
      'an error of a storage service',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
      'volume-web-page',
      'download it again',
    ],
    ['what macOS keeps beside a file', `\0\u0005\u0016\u0007${'\0'.repeat(200)}`, 'volume-apple-double', '"._"'],
    ['nothing', '', 'volume-empty', 'empty'],
    ['any other text', 'patient;liver\n', 'volume-unknown', 'not a NIfTI file'],
  ])('%s has its own sentence', (_, text, code, said) => {
    let caught: unknown;
    try {
      formatOf(
        'case.nii',
        Uint8Array.from(text, (character) => character.charCodeAt(0)),
        false,
      );
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code, message: expect.stringContaining(said) });
  });
});
