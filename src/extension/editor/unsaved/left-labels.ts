import { basename, relative } from 'node:path';
import * as vscode from 'vscode';
import { carryLeftLabels, findLeftLabels } from '../../../node/case/questions/left-labels.ts';
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
  const found = await findLeftLabels(session, fingerprint);
  if (!found) return;
  const { left } = found;
  const { store, files } = session;
  const name = basename(files.channels[0]);
  const question =
    left.labels === null
      ? text.reviewIsLeft(name, session.labelsName, left.id)
      : text.labelsAreLeft(name, relative(store.root, left.labels));
  if ((await vscode.window.showInformationMessage(question, CARRY)) !== CARRY) return;
  // Until the carried labels are shown, a save would put other labels and another review in their place.
  document.lock('rename', text.labelsAreCarried);
  try {
    const became = await carryLeftLabels(session, found, fingerprint);
    if (became === 'drawn-on') void vscode.window.showWarningMessage(text.drawnBeforeCarried(name));
    if (became === 'elsewhere') await reopenTabs(new Set([...files.channels, files.labels]));
  } finally {
    document.lock('rename', null);
  }
}
