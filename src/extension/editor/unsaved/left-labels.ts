import { basename, relative } from 'node:path';
import * as vscode from 'vscode';
import { carryLeftCase, findLeftCase } from '../../../node/case/renamed/left-case.ts';
import type { CaseSession } from '../../../node/case/session/case-session.ts';
import { text } from '../../platform/messages.ts';
import type { VolumeDocument } from '../document/volume-document.ts';
import { reopenTabs } from './reopen-tabs.ts';

const CARRY = 'Carry Along';

/**
 * The image of a document that was just opened may have been renamed while VS Code was closed, so that its labels, or
 * their review, lie under the old name. This asks whether they shall follow.
 * @param fingerprint see `volumeFingerprint`; it runs on a thread of its own
 */
export async function offerLeftLabels(
  document: VolumeDocument,
  fingerprint: (path: string) => Promise<string>,
): Promise<void> {
  const { uri, session } = document;
  if (!session || uri.scheme !== 'file' || !vscode.workspace.isTrusted) return;
  const { store, files, onDisk, ownerFile } = session;
  if (files.reviewer !== undefined || onDisk.record !== null) return;
  const image = {
    labels:
      onDisk.labels === null ? null : { path: files.labels, fingerprint: onDisk.labels, isEmpty: isEmpty(session) },
    sizeBytes: ownerFile.known.sizeBytes,
    identity: () => ownerFile.identity(),
  };
  const left = await findLeftCase(store, image, fingerprint);
  if (!left) return;
  const name = basename(files.channels[0]);
  const question =
    left.labels === null
      ? text.reviewIsLeft(name, session.labelsName, left.id)
      : text.labelsAreLeft(name, relative(store.root, left.labels));
  if ((await vscode.window.showInformationMessage(question, CARRY)) !== CARRY) return;
  // Until the carried labels are shown, a save would put other labels and another review in their place.
  document.lock('rename', text.labelsAreCarried);
  try {
    // A running save ends first.
    await session.diskState();
    const isUntouched = !session.hasUnsavedChanges && session.onDisk.record === null;
    if (!isUntouched || session.onDisk.labels !== onDisk.labels) {
      void vscode.window.showWarningMessage(text.drawnBeforeCarried(name));
      return;
    }
    const carried = await carryLeftCase(store, left, files, fingerprint);
    // A session saves to the label file that it was opened for.
    if (carried === files.labels) await session.reloadIfSaved();
    else await reopenTabs(new Set([...files.channels, files.labels]));
  } finally {
    document.lock('rename', null);
  }
}

function isEmpty({ document: { labels } }: CaseSession): boolean {
  return labels.count(0) === labels.voxelCount;
}
