import { type Html, html } from './html.ts';

/** A cell: text, or markup. */
type Cell = string | Html;

export interface ReportTable {
  /** Said above the table, and by screen readers before it. */
  readonly caption: string;
  readonly head: readonly Cell[];
  /** The first cell of each names the row; where it is empty, the row belongs to the one named before. */
  readonly rows: readonly (readonly Cell[])[];
  /** How many of the first columns are words and not figures. */
  readonly words?: number;
}

/** A table that scrolls by itself where the page is too narrow for it. */
export function reportTable({ caption, head, rows, words = 1 }: ReportTable): Html {
  const kind = (column: number) => (column < words ? 'word' : 'figure');
  return html`<div class="table" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((cell, n) =>
    cell === '' ? html`<td></td>` : html`<th scope="col" class="${kind(n)}">${cell}</th>`,
  )}</tr></thead>
${groupsOf(rows).map(
  (group) => html`<tbody>
${group.map(
  (row, line) => html`<tr>${row.map((cell, n) => {
    if (n > 0) return html`<td class="${kind(n)}">${cell}</td>`;
    if (line > 0) return null;
    return group.length > 1
      ? html`<th scope="rowgroup" rowspan="${group.length}">${cell}</th>`
      : html`<th scope="row">${cell}</th>`;
  })}</tr>
`,
)}</tbody>
`,
)}</table></div>`;
}

/** Each row that is named, with those after it that are not. */
function groupsOf(rows: ReportTable['rows']): (readonly Cell[])[][] {
  const groups: (readonly Cell[])[][] = [];
  for (const row of rows) {
    const last = groups[groups.length - 1];
    if (row[0] === '' && last) last.push(row);
    else groups.push([row]);
  }
  return groups;
}
