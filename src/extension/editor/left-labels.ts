import { basename, relative } from 'node:path';
import * as vscode from 'vscode';
import { carryLeftCase, findLeftCase } from '../../node/left-case.ts';
import { text } from '../messages.ts';
import type { VolumeDocument } from './volume-document.ts';

const CARRY = 'Carry Along';

/**
 * The image of a document that was just opened may have been renamed while VS Code was closed: its labels, or their review, lie
 * under the old name. Asks whether they shall follow.
 * @param fingerprint see `fileFingerprint`; on a thread of its own
 */
export async function offerLeftLabels(
  { uri, session }: VolumeDocument,
  fingerprint: (path: string) => Promise<string>,
): Promise<void> {
  if (!session || uri.scheme !== 'file' || !vscode.workspace.isTrusted) return;
  const { store, files, onDisk, ownerFile } = session;
  if (files.reviewer !== undefined || onDisk.record !== null) return;
  const image = {
    labelsFingerprint: onDisk.labels,
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
  await carryLeftCase(store, left, files);
}
