import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { type ListedVersion, versionLine } from '../../core/cohort/records/model-list.ts';
import { CohortStore } from '../../node/cohort/state/cohort-store.ts';
import { saveBytesAtomically } from '../../node/files/atomic-save.ts';
import { withFileErrors } from '../../node/files/file-errors.ts';
import { readRegularFile } from '../../node/files/regular-file.ts';
import { cohortName } from '../cohort/current-cohort.ts';
import type { Services } from '../services.ts';
import type { ModelComparison } from './model-comparison.ts';
import { modelsText as text } from './models-text.ts';
import { readModels } from './read-models.ts';

/** The version that a command is about. */
interface Chosen {
  readonly store: CohortStore;
  readonly listed: ListedVersion;
  /** All versions, the newest first. */
  readonly versions: readonly ListedVersion[];
}

/**
 * Registers the commands `voxelLoop.models.*`. Each takes a version number or a row of the view; without either, the
 * user is asked.
 */
export function registerModelCommands(services: Services, comparison: ModelComparison): void {
  const { command } = services;
  const about = (name: string, run: (chosen: Chosen, services: Services) => unknown) =>
    command(`models.${name}`, async (argument) => {
      const chosen = await choose(services, argument);
      if (chosen) await run(chosen, services);
    });

  about('activate', activate);
  command('models.rollBack', () => rollBack(services));
  about('compareWith', (chosen) => compareWithAnother(chosen, comparison));
  about('showReport', showReport);
  about('exportOnnx', exportOnnx);
  about('rename', rename);
  about('editNote', editNote);
  about('delete', deleteVersion);
}

async function activate({ store, listed }: Chosen, services: Services): Promise<void> {
  if (listed.state === 'active') return say(text.alreadyActive(listed.title));
  if (listed.state === 'refused') {
    const choice = await vscode.window.showWarningMessage(
      text.activateRefused(listed.version, listed.card.promotion.reason),
      { modal: true },
      text.activateAnyway,
    );
    if (choice === undefined) return;
  }
  await store.models.activate(listed.version);
  activeChanged(services);
  say(text.activated(listed.title));
}

async function rollBack(services: Services): Promise<void> {
  const store = await services.cohort.chooseIfNeeded(text.chooseCohort);
  if (!store) return;
  const version = await store.models.rollBack();
  if (version === null) return say(text.nothingBefore);
  activeChanged(services);
  const { versions } = await readModels(store);
  say(text.activated(versions.find((each) => each.version === version)?.title ?? `Model ${version}`));
}

async function compareWithAnother({ store, listed, versions }: Chosen, comparison: ModelComparison): Promise<void> {
  const others = versions.filter(({ version }) => version !== listed.version);
  if (others.length === 0) return say(text.noOther);
  const other = others.length === 1 ? others[0] : await pick(others, text.compareWith(listed.title));
  if (other) await comparison.compare(store, listed.version, other.version);
}

async function showReport({ store, listed }: Chosen): Promise<void> {
  const path = join(store.models.folderOf(listed.version), 'report.html');
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  // The report opens in a browser, because VS Code itself would show its source.
  if (isThere) await vscode.env.openExternal(vscode.Uri.file(path));
  else say(text.noReport(listed.title));
}

async function exportOnnx({ store, listed }: Chosen): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(store.root, `${cohortName(store)}-model-${listed.version}.onnx`)),
    filters: { 'ONNX model': ['onnx'] },
  });
  if (!target) return;
  const model = join(store.models.folderOf(listed.version), 'model.onnx');
  await saveBytesAtomically(target.fsPath, await withFileErrors('read', model, readRegularFile(model)));
  say(text.exported(listed.title, basename(target.fsPath)));
}

async function rename({ store, listed }: Chosen, { cohort }: Services): Promise<void> {
  const { name } = await store.models.about(listed.version);
  const wanted = await vscode.window.showInputBox({ prompt: text.renamePrompt(listed.version), value: name });
  if (wanted === undefined) return;
  await store.models.describe(listed.version, { name: wanted.trim() });
  cohort.tell('state');
}

async function editNote({ store, listed }: Chosen, { cohort }: Services): Promise<void> {
  if (listed.note.length > 1) {
    // An input box has one line, so a note of several lines is edited in its file.
    await vscode.window.showTextDocument(vscode.Uri.file(join(store.models.folderOf(listed.version), 'about.json')));
    return;
  }
  const wanted = await vscode.window.showInputBox({
    prompt: text.notePrompt(listed.version),
    value: listed.note.join(' '),
  });
  if (wanted === undefined) return;
  await store.models.describe(listed.version, { note: wanted.trim() });
  cohort.tell('state');
}

async function deleteVersion({ store, listed }: Chosen, services: Services): Promise<void> {
  if (listed.state === 'active') return say(text.isActive(listed.title));
  const choice = await vscode.window.showWarningMessage(
    text.confirmDelete(listed.title),
    { modal: true, detail: text.deleteDetail },
    text.delete,
  );
  if (choice === undefined) return;
  await store.models.remove(listed.version);
  activeChanged(services);
}

/** Whoever shows which version predicts shows it anew. */
function activeChanged({ status, cohort }: Services): void {
  status.changed();
  cohort.tell('state');
}

/** The version to work on. It is undefined if the user was told why there is none, or chose nothing. */
async function choose(
  { cohort, noModel }: Pick<Services, 'cohort' | 'noModel'>,
  argument: unknown,
): Promise<Chosen | undefined> {
  // A page may still show one cohort while a volume of another is in front.
  const root = rootOf(argument);
  const store = root === undefined ? await cohort.chooseIfNeeded(text.chooseCohort) : new CohortStore(root);
  if (!store) return undefined;
  const { versions } = await readModels(store);
  const wanted = versionOf(argument);
  if (wanted === undefined && versions.length === 0) {
    noModel.tell(store);
    return undefined;
  }
  const listed =
    wanted === undefined
      ? await pick(versions, text.chooseVersion)
      : versions.find(({ version }) => version === wanted);
  if (listed) return { store, listed, versions };
  // Reading the card throws an error that says what is wrong with it.
  if (wanted !== undefined) await store.models.card(wanted);
  return undefined;
}

/** The root of the cohort that the version belongs to, where the caller gives it. */
function rootOf(argument: unknown): string | undefined {
  const says = typeof argument === 'object' && argument !== null && 'root' in argument;
  return says && typeof argument.root === 'string' ? argument.root : undefined;
}

function versionOf(argument: unknown): number | undefined {
  if (typeof argument === 'number') return argument;
  const isRow = typeof argument === 'object' && argument !== null && 'version' in argument;
  return isRow && typeof argument.version === 'number' ? argument.version : undefined;
}

async function pick(versions: readonly ListedVersion[], placeHolder: string): Promise<ListedVersion | undefined> {
  const items = versions.map((listed) => ({
    label: listed.title,
    description: versionLine(listed),
    detail: listed.note.join(' '),
    listed,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.listed;
}

function say(sentence: string): void {
  void vscode.window.showInformationMessage(sentence);
}
