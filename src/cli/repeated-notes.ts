import { basename } from 'node:path';
import { isVolumeName } from '../core/cohort/files/names/file-names.ts';
import { counted } from '../core/text/counted.ts';

/** So many files are named with the same sentence. */
const NAMED = 5;
const FILE_NAME = /^([^:]+): /;

/** Says what is odd about one image after the other; what applies to very many is counted at the end. */
export class RepeatedNotes {
  readonly #told = new Set<string>();
  /** Counts the files of each sentence, which is kept without the name of its file. */
  readonly #files = new Map<string, number>();

  constructor(private readonly note: (text: string) => void) {}

  /** @param sentence may begin with the name of a file: "a.nii.gz: ..." */
  say(sentence: string): void {
    if (this.#told.has(sentence)) return;
    this.#told.add(sentence);
    const named = FILE_NAME.exec(sentence);
    const kind = named && isVolumeName(basename(named[1])) ? sentence.slice(named[0].length) : sentence;
    const files = (this.#files.get(kind) ?? 0) + 1;
    this.#files.set(kind, files);
    if (files <= NAMED) this.note(sentence);
  }

  end(): void {
    for (const [kind, files] of this.#files) {
      if (files > NAMED) this.note(`${counted(files - NAMED, 'more image')}: ${kind}`);
    }
  }
}
