import * as vscode from 'vscode';
import type { LabelsFate, Replacement } from '../../../node/case/questions/image-conflicts.ts';
import { sentenceFor, text } from '../../platform/messages.ts';

const CHOOSE = 'Choose...';

/** The image of labels has been replaced, or has another name. */
interface Matter {
  readonly name: string;
  readonly labels: string;
  readonly replacement: Replacement;
}

interface Choice {
  /** VS Code cuts long titles off. */
  readonly title: string;
  readonly fate: LabelsFate;
  /** Says what the choice does; it follows the title and a colon. */
  readonly does: string;
}

/**
 * Asks what becomes of the labels. A notification goes by itself and has little room, so it only leads to the question,
 * which stays until it is answered and says what each choice does.
 */
export async function askAboutLabels(matter: Matter, asNotice: boolean): Promise<LabelsFate | undefined> {
  const message = sentenceOf(matter);
  if (asNotice && (await vscode.window.showWarningMessage(message, CHOOSE)) !== CHOOSE) return undefined;
  const choices = choicesFor(matter);
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

/** Enter takes the first choice, so it must be one that can be taken back. */
function choicesFor({ name, labels, replacement }: Matter): readonly Choice[] {
  const exports: Choice = {
    title: 'Export Labels...',
    fate: 'export',
    does: 'writes them to a file of your choice. Nothing else changes.',
  };
  if (typeof replacement === 'string') {
    const discard: Choice = {
      title: 'Discard Labels',
      fate: 'discard',
      does: `what you have not saved is gone; the new image is shown, with ${labels} as it was saved last.`,
    };
    if (replacement === 'other-grid') return [exports, discard];
    const keep: Choice = {
      title: 'Keep Labels',
      fate: 'keep',
      does: 'they lie on the new image from now on. Only right if it shows the same patient in the same place.',
    };
    return [exports, keep, discard];
  }
  if ('renamedTo' in replacement) {
    const now = vscode.workspace.asRelativePath(replacement.renamedTo);
    return [
      {
        title: 'Carry On There',
        fate: 'follow',
        does: `labels, review and what is unsaved are renamed after the image, and ${now} is opened.`,
      },
      {
        title: 'Keep Old Name',
        fate: 'stay',
        does: `you go on here, and saving writes ${labels}, beside no image of that name.`,
      },
    ];
  }
  return [
    exports,
    { title: 'Save Anyway', fate: 'save', does: `writes ${labels}, with the geometry of the image that you drew on.` },
    { title: 'Close Unsaved', fate: 'close', does: `what you have not saved is gone, and ${name} is closed.` },
  ];
}
