/** Markup that is safe to stand in a page, because only `html` makes it. */
export class Html {
  constructor(readonly text: string) {}
}

type Inserted = Html | string | number | null | undefined | readonly Inserted[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/**
 * Makes markup. Whatever is inserted is escaped, unless it is markup itself; lists are joined, and null inserts
 * nothing.
 */
export function html(parts: TemplateStringsArray, ...inserted: readonly Inserted[]): Html {
  return new Html(parts.reduce((text, part, n) => text + render(inserted[n - 1]) + part));
}

function render(inserted: Inserted): string {
  if (inserted === null || inserted === undefined) return '';
  if (inserted instanceof Html) return inserted.text;
  if (Array.isArray(inserted)) return inserted.map(render).join('');
  return escapeHtml(String(inserted));
}
