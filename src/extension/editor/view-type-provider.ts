import type * as vscode from 'vscode';
import type { VolumeDocument } from './document/volume-document.ts';
import type { VolumeEditorProvider } from './volume-editor-provider.ts';

/**
 * Gives VS Code the provider for one type of our editor. VS Code listens to each type's provider by itself, and throws
 * an error when a change is of a document that was not opened with that type.
 */
export function providerOfViewType(
  editors: Pick<VolumeEditorProvider, keyof vscode.CustomEditorProvider<VolumeDocument>>,
): vscode.CustomEditorProvider<VolumeDocument> {
  const own = new WeakSet<VolumeDocument>();
  const onDidChangeCustomDocument: VolumeEditorProvider['onDidChangeCustomDocument'] = (
    listener,
    thisArg,
    disposables,
  ) =>
    editors.onDidChangeCustomDocument(
      (change) => {
        if (own.has(change.document)) listener.call(thisArg, change);
      },
      undefined,
      disposables,
    );
  return {
    onDidChangeCustomDocument,
    openCustomDocument: async (uri, context) => {
      const document = await editors.openCustomDocument(uri, context);
      own.add(document);
      return document;
    },
    resolveCustomEditor: (document, panel) => editors.resolveCustomEditor(document, panel),
    saveCustomDocument: (document, token) => editors.saveCustomDocument(document, token),
    saveCustomDocumentAs: (document, destination) => editors.saveCustomDocumentAs(document, destination),
    revertCustomDocument: (document) => editors.revertCustomDocument(document),
    backupCustomDocument: (document, context) => editors.backupCustomDocument(document, context),
  };
}
