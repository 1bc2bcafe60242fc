/** The part of a document that saving it needs. */
interface Saved {
  readonly session: { readonly hasUnsavedChanges: boolean; readonly labelsName: string } | null;
}

/**
 * Saves documents one after the other. Whether a save succeeded is read from what is unsaved afterwards: VS Code tells
 * the user why one failed, and the caller next to nothing.
 *
 * @returns the names of the label files that are still unsaved
 */
export async function saveEach<D extends Saved>(
  documents: readonly D[],
  save: (document: D) => PromiseLike<unknown>,
): Promise<string[]> {
  for (const document of documents) {
    // Two documents may show one label file.
    if (document.session?.hasUnsavedChanges) await save(document);
  }
  const left = documents.flatMap(({ session }) => (session?.hasUnsavedChanges ? [session.labelsName] : []));
  return [...new Set(left)];
}
