/**
 * Follows the undo stack that VS Code keeps for a custom document, and finds the moments when VS Code would show a
 * changed document as saved.
 *
 * VS Code remembers its save point as an index into its edit stack, taken when a save ENDS. It is wrong
 * - after save at edit 5, undo 2, draw 2: index 5 is again the top, though the edits there are others;
 * - when an edit, undo or redo comes in between the start and the end of a save.
 * In these cases a content-change event makes the document dirty again (VS Code clears that mark with the next save).
 * Every method that can lead there returns whether the event must be fired now.
 */
export class SavePoint {
  /**
   * The states of the document along VS Code's stack: `#states[0]` is the state when it was opened, and each edit adds
   * one.
   */
  #states: number[] = [0];
  #current = 0;
  #nextState = 1;
  #savedState = 0;
  #saving: number | undefined;
  /** The save point that VS Code believes in. */
  #believedSavePoint = 0;
  #believedContentChange = false;

  get isDirty(): boolean {
    return this.#states[this.#current] !== this.#savedState;
  }

  /** An edit was announced to VS Code; what was undone before cannot be redone any more. */
  pushed(): boolean {
    this.#states = [...this.#states.slice(0, this.#current + 1), this.#nextState++];
    this.#current++;
    return this.#mustTell();
  }

  /** VS Code undid one edit. */
  undone(): boolean {
    if (this.#current > 0) this.#current--;
    return this.#mustTell();
  }

  /** VS Code redid one edit. */
  redone(): boolean {
    if (this.#current < this.#states.length - 1) this.#current++;
    return this.#mustTell();
  }

  /** The document changed in a way that VS Code cannot undo, for example through another editor on the same labels. */
  changedElsewhere(): boolean {
    this.#states[this.#current] = this.#nextState++;
    this.#believedContentChange = true;
    return true;
  }

  saveStarted(): void {
    this.#saving = this.#states[this.#current];
  }

  /** The bytes on the disk are the state at `saveStarted`. This must be called once VS Code has seen the save end. */
  saveEnded(): boolean {
    if (this.#saving !== undefined) this.#savedState = this.#saving;
    this.#saving = undefined;
    this.#believedSavePoint = this.#current;
    this.#believedContentChange = false;
    return this.#mustTell();
  }

  saveFailed(): void {
    this.#saving = undefined;
  }

  /** The document was read again from the disk. VS Code goes to its save point and forgets the edits after it. */
  reverted(): void {
    this.#current = this.#believedSavePoint;
    this.#states = [...this.#states.slice(0, this.#current), this.#nextState++];
    this.#savedState = this.#states[this.#current];
    this.#believedContentChange = false;
  }

  /** The document was read again by another way than VS Code's revert: it is as it lies on the disk. */
  reloaded(): void {
    this.#states[this.#current] = this.#nextState++;
    this.#savedState = this.#states[this.#current];
  }

  #mustTell(): boolean {
    const believedDirty = this.#believedContentChange || this.#believedSavePoint !== this.#current;
    if (!this.isDirty || believedDirty || this.#saving !== undefined) return false;
    this.#believedContentChange = true;
    return true;
  }
}
