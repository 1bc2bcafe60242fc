import type { LabelsFate } from './image-conflicts.ts';

/** The image of labels was replaced, is no image any more, or has another name. */
export interface LabelsMatter {
  /** The name of the image. */
  readonly name: string;
  /** The name of the label file. */
  readonly labels: string;
  /** Says what lies in the image's place, or where it is now, as the user reads it. */
  readonly replacement: 'same-grid' | 'other-grid' | 'unreadable' | { readonly renamedTo: string };
}

export interface FateChoice {
  /** VS Code cuts long titles off. */
  readonly title: string;
  readonly fate: LabelsFate;
  /** Says what the choice does; it follows the title and a colon. */
  readonly does: string;
}

/**
 * Lists what may become of the labels. Enter takes the first choice, so it must be one that can be taken back. Labels
 * are kept only where they lie right on the new image.
 */
export function fateChoices({ name, labels, replacement }: LabelsMatter): readonly FateChoice[] {
  const exports: FateChoice = {
    title: 'Export Labels...',
    fate: 'export',
    does: 'writes them to a file of your choice. Nothing else changes.',
  };
  const keep: FateChoice = {
    title: 'Keep Labels',
    fate: 'keep',
    does: 'they lie on the new image from now on. Only right if it shows the same patient in the same place.',
  };
  const discard: FateChoice = {
    title: 'Discard Labels',
    fate: 'discard',
    does: `what you have not saved is gone; the new image is shown, with ${labels} as it was saved last.`,
  };
  if (replacement === 'same-grid') return [exports, keep, discard];
  if (replacement === 'other-grid') return [exports, discard];
  if (replacement === 'unreadable') {
    return [
      exports,
      {
        title: 'Save Anyway',
        fate: 'save',
        does: `writes ${labels}, with the geometry of the image that you drew on.`,
      },
      { title: 'Close Unsaved', fate: 'close', does: `what you have not saved is gone, and ${name} is closed.` },
    ];
  }
  return [
    {
      title: 'Carry On There',
      fate: 'follow',
      does: `labels, review and what is unsaved are renamed after the image, and ${replacement.renamedTo} is opened.`,
    },
    {
      title: 'Keep Old Name',
      fate: 'stay',
      does: `you go on here, and saving writes ${labels}, beside no image of that name.`,
    },
  ];
}
