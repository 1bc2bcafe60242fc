import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Editor, EditorTopic } from '../editor/editor.ts';

/** Renders its element again whenever one of `topics` of its editor changes. */
export class EditorWatch implements ReactiveController {
  #editor: Editor | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost & { readonly editor: Editor | undefined },
    private readonly topics: readonly EditorTopic[],
    private readonly onTopic: (topic: EditorTopic) => void = () => this.host.requestUpdate(),
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#follow();
  }

  hostUpdate(): void {
    this.#follow();
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#editor = undefined;
  }

  #follow(): void {
    if (this.host.editor === this.#editor) return;
    this.#unsubscribe?.();
    this.#editor = this.host.editor;
    this.#unsubscribe = this.#editor?.subscribe((topic) => {
      if (this.topics.includes(topic)) this.onTopic(topic);
    });
  }
}
