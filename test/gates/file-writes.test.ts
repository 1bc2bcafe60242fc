import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './run-gate.ts';

/*
 * What lies in a cohort may have come from a stranger, so it is written and deleted through `GuardedFolder` alone
 * (docs/security.md). Whoever changes files in another way stands here, with the place that it writes to.
 */
const ALLOWED: Readonly<Record<string, string>> = {
  'src/node/files/guarded-folder.ts': 'the one place',
  'src/node/files/atomic-save.ts': 'writes for that place, and where the user says',
  'src/node/files/record-file.ts': 'writes where the user says',
  'src/node/files/regular-file.ts': 'opens to read alone',
  'src/node/volumes/labels/write-label-volume.ts': 'writes a label file where it is told; saves ask `labelPlace` first',
  'src/node/files/process-lock.ts': 'beside a lock that GuardedFolder has looked at',
  'src/node/volumes/stored/spill-file.ts': 'the system’s folder for temporary files',
  'src/node/cohort/demo-cohort.ts': 'a new folder that the user names',
  'src/node/case/unsaved/replaceable-backup.ts': 'the folder that VS Code gives for backups',
  'src/node/engine-link/engine-verdicts.ts': 'the user’s cache',
  'src/node/engines/tensorflow/install-tensorflow.ts': 'the extension’s own folder',
  'src/engine/engines/onnx-runtime/cuda/cuda-runtime.ts': 'the user’s cache',
  'src/engine/engines/onnx-runtime/cuda/download-package.ts': 'the user’s cache',
  'src/engine/engines/onnx-runtime/cuda/unpack.ts': 'the user’s cache',
  'src/engine/choice/graph-split.ts': 'the system’s folder for temporary files',
  'src/engine/jobs/predict.ts': 'label maps where the user says (`--out`)',
  'src/engine/jobs/preview-augmentation.ts': 'a picture where the user says',
  'src/cli/commands/predict.ts': 'the folder that the user names (`--out`)',
  'src/extension/editor/unsaved/document-backups.ts': 'the folder that VS Code gives for backups',
  'src/extension/session/case-location.ts': 'the extension’s own folder',
  'src/extension/models/model-commands.ts': 'an export where the user says',
  'src/extension/second-reviewer/export-agreement.ts': 'an export where the user says',
  'src/node/case/second-review/second-reviewers.ts': 'the system’s folder for temporary files',
};

const FILE_SYSTEM = /import \{([^}]*)\} from '(?:node:)?fs(?:\/promises)?'/g;
const OURS = /import \{([^}]*)\} from '[^']*\/(?:atomic-save|record-file)\.ts'/g;
const CHANGES =
  /\b(?:writeFile|appendFile|write|writev|rename|rm|rmdir|unlink|mkdir|mkdtemp|copyFile|cp|link|symlink|truncate|ftruncate|utimes|chmod|chown|open|createWriteStream)(?:Sync)?\b/;
const OUR_CHANGES = /\b(?:saveAtomically|saveBytesAtomically|prepareFile|writeTextAtomically|writeRecordFile)\b/;
/** Default and namespace imports could hide anything. */
const WHOLE = /import (?:\* as )?\w+ from '(?:node:)?fs(?:\/promises)?'|require\('(?:node:)?fs/;

function changesFiles(source: string): boolean {
  const named = (pattern: RegExp) =>
    [...source.matchAll(pattern)].map(([, names]) => names.replaceAll(/\btype \w+/g, ''));
  return (
    WHOLE.test(source) ||
    named(FILE_SYSTEM).some((names) => CHANGES.test(names)) ||
    named(OURS).some((names) => OUR_CHANGES.test(names))
  );
}

describe('who changes files', () => {
  it('is GuardedFolder, or stands in the list with the place that it writes to', () => {
    const paths = ['node', 'engine', 'extension', 'cli'].flatMap((layer) =>
      (readdirSync(join(repositoryRoot, 'src', layer), { recursive: true }) as string[])
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
        .map((path) => `src/${layer}/${path.replaceAll('\\', '/')}`),
    );
    const found = paths.filter((path) => changesFiles(readFileSync(join(repositoryRoot, path), 'utf8')));
    expect(found.sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it('is noticed, however it comes by the file system', () => {
    for (const source of [
      "import { readFile, rm } from 'node:fs/promises';",
      "import {\n  readFileSync,\n  writeFileSync,\n} from 'node:fs';",
      "import { open } from 'fs/promises';",
      "import fs from 'node:fs';",
      "import * as files from 'node:fs/promises';",
      "const { rm } = require('node:fs');",
      "import { saveAtomically } from '../../node/atomic-save.ts';",
      "import { readRecordFile, writeRecordFile } from './record-file.ts';",
    ]) {
      expect(changesFiles(source), source).toBe(true);
    }
    for (const source of [
      "import { readFile, readdir, stat } from 'node:fs/promises';",
      "import { readRecordFile } from './record-file.ts';",
      "import { discardPrepared, type PreparedFile } from './atomic-save.ts';",
      "import { type FileHandle } from 'node:fs/promises';",
    ]) {
      expect(changesFiles(source), source).toBe(false);
    }
  });
});
