import * as vscode from 'vscode';
import type { LabelsFate, Replacement } from '../../../node/case/questions/image-conflicts.ts';
import { fateChoices, type LabelsMatter } from '../../../node/case/questions/labels-fate.ts';
import { sentenceFor, text } from '../../platform/messages.ts';

const CHOOSE = 'Choose...';

/** The image of labels has been replaced, or has another name. */
interface Matter {
  readonly name: string;
  readonly labels: string;
  readonly replacement: Replacement;
}

/**
 * Asks what becomes of the labels. A notification goes by itself and has little room, so it only leads to the question,
 * which stays until it is answered and says what each choice does.
 */
export async function askAboutLabels(matter: Matter, asNotice: boolean): Promise<LabelsFate | undefined> {
  const message = sentenceOf(matter);
  if (asNotice && (await vscode.window.showWarningMessage(message, CHOOSE)) !== CHOOSE) return undefined;
  const choices = fateChoices({ ...matter, replacement: asRead(matter.replacement) });
  const detail = choices.map(({ title, does }) => `${title}: ${does}`).join('\n\n');
  const titles = choices.map(({ title }) => title);
  const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...titles);
  return choices.find(({ title }) => title === answer)?.fate;
}

function sentenceOf({ name, replacement }: Matter): string {
  if (typeof replacement === 'string') return text.imageChanged(name, replacement === 'same-grid');
  if ('renamedTo' in replacement) {
    return text.imageRenamed(name, vscode.workspace.asRelativePath(replacement.renamedTo));
  }
  return text.imageIsNone(name, sentenceFor(replacement.unreadable) ?? text.internal);
}

function asRead(replacement: Replacement): LabelsMatter['replacement'] {
  if (typeof replacement === 'string') return replacement;
  if ('unreadable' in replacement) return 'unreadable';
  return { renamedTo: vscode.workspace.asRelativePath(replacement.renamedTo) };
}
