import { stat } from 'node:fs/promises';
import { basename, dirname, relative } from 'node:path';
import * as vscode from 'vscode';
import type { CohortCase } from '../../core/cohort/files/layouts/cohort-layout.ts';
import { endingOf, isWritableName, stemOf } from '../../core/cohort/files/names/file-names.ts';
import { reviewerFileName, reviewerLabelsPath } from '../../core/cohort/files/names/reviewer-files.ts';
import { beginSecondReading, importSecondReading } from '../../node/case/second-review/second-reading.ts';
import { SecondReviewerError, type SecondReviewers } from '../../node/case/second-review/second-reviewers.ts';
import type { CaseSession } from '../../node/case/session/case-session.ts';
import { findCase, layoutOf } from '../../node/cohort/cases/cohort-folder.ts';
import type { VolumeDocument } from '../editor/document/volume-document.ts';
import { openInVolumeEditor } from '../platform/view-type.ts';
import type { Volumes } from '../volumes.ts';

const FIRST_REVIEWER = 'first reviewer';

interface Choice extends vscode.QuickPickItem {
  readonly act?: () => Promise<void>;
}

/**
 * `Voxel Loop: Show Second Reviewer...` shows another person's label map of the open case, found in the cohort or
 * imported.
 */
export async function showSecondReviewer(
  document: VolumeDocument,
  readers: SecondReviewers,
  volumes: Volumes,
): Promise<void> {
  const session = openSession(document);
  const found = await caseOf(session);
  const { root } = session.store;
  const own = session.files.labels;
  const others = [
    ...(found.labelled ? [{ reviewer: FIRST_REVIEWER, labels: found.files.labels }] : []),
    ...found.reviewers,
  ].filter(({ labels }) => labels !== own);
  const shown = readers.pathOf(session);
  const choices: Choice[] = others.map(({ reviewer, labels }) => ({
    label: `$(person) ${reviewer}`,
    description: `${relative(root, labels)}${labels === shown ? ' (shown)' : ''}`,
    act: () => readers.show(document, reviewer, labels),
  }));
  if (shown !== undefined) {
    choices.push({ label: '$(eye-closed) Hide the second reviewer', act: async () => readers.hide(session) });
  }
  if (choices.length > 0) choices.push({ label: '', kind: vscode.QuickPickItemKind.Separator });
  choices.push({
    label: '$(add) Import a label map...',
    detail: 'Copies a label map that somebody drew elsewhere into this cohort, under their name',
    act: () => importLabelMap(document, session, found, readers, volumes),
  });
  const picked = await vscode.window.showQuickPick(choices, {
    title: `Second reviewer of ${session.files.id}`,
    placeHolder: others.length > 0 ? 'Whose labels shall be compared?' : 'There are no other labels of this case yet',
    matchOnDescription: true,
  });
  await picked?.act?.();
}

/**
 * `Voxel Loop: Start Second Reading...` opens a label map of the open case under another person's name, to be drawn
 * without seeing the first. It is empty unless it exists already.
 */
export async function startSecondReading(document: VolumeDocument, volumes: Volumes): Promise<void> {
  const session = openSession(document);
  const found = await caseOf(session);
  const reviewer = await askReviewer('Who reads this case a second time?');
  if (reviewer === undefined) return;
  const path = reviewerLabelsPath(found.files.labels, reviewer, await layoutOf(session.store.root));
  if (!(await exists(path))) {
    await beginSecondReading(session, reviewer, path, volumes.client, vscode.workspace.isTrusted);
  }
  await openInVolumeEditor(vscode.Uri.file(path));
}

async function importLabelMap(
  document: VolumeDocument,
  session: CaseSession,
  found: CohortCase,
  readers: SecondReviewers,
  volumes: Volumes,
): Promise<void> {
  const [source] =
    (await vscode.window.showOpenDialog({
      title: 'Label Map of Another Reviewer',
      openLabel: 'Import',
      defaultUri: vscode.Uri.file(dirname(session.files.labels)),
    })) ?? [];
  if (!source) return;
  await readers.check(session, source.fsPath);
  const reviewer = await askReviewer('Who drew this label map?');
  if (reviewer === undefined) return;
  const beside = reviewerLabelsPath(found.files.labels, reviewer, await layoutOf(session.store.root));
  const name = basename(source.fsPath);
  const path = isWritableName(name) ? stemOf(beside) + endingOf(name) : beside;
  if (path !== source.fsPath) {
    if ((await exists(path)) && !(await mayReplace(basename(path)))) return;
    const notes = await importSecondReading(session, source.fsPath, path, volumes.client);
    if (notes.length > 0) void vscode.window.showWarningMessage(notes.join(' '));
  }
  await readers.show(document, reviewer, path);
}

async function mayReplace(name: string): Promise<boolean> {
  const replace = 'Replace';
  const sentence = `${name} is there already. Replacing it cannot be undone.`;
  return (await vscode.window.showWarningMessage(sentence, { modal: true }, replace)) === replace;
}

/** A name that can stand in file names. It is undefined if the user changed their mind. */
async function askReviewer(prompt: string): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    prompt,
    placeHolder: 'Name, for example anna',
    // When a file was chosen before, VS Code gives the focus back to the editor, which would close the question unseen.
    ignoreFocusOut: true,
    validateInput: (value) => {
      const name = reviewerFileName(value);
      if (value.trim() !== '' && name === '') return 'Use letters or digits: the name becomes part of a file name.';
      if (name === value || value.trim() === '') return undefined;
      return { message: `The file will say "${name}".`, severity: vscode.InputBoxValidationSeverity.Info };
    },
  });
  const name = reviewerFileName(typed ?? '');
  return name === '' ? undefined : name;
}

/** The case as the cohort has it, whoever's labels are open. */
async function caseOf(session: CaseSession): Promise<CohortCase> {
  const found = await findCase(session.files.channels[0], session.store.root);
  if (found.kind === 'labels-without-image')
    throw new SecondReviewerError('The image of this case is gone. Restore it.');
  return found.case;
}

function openSession(document: VolumeDocument): CaseSession {
  if (!document.session)
    throw new SecondReviewerError(document.readOnlyReason ?? 'Open a volume that can be labelled.');
  return document.session;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
