import { type Html, html } from './html.ts';

/** A cell is text or markup. */
type Cell = string | Html;

export interface ReportTable {
  /** The caption stands above the table, and screen readers say it first. */
  readonly caption: string;
  readonly head: readonly Cell[];
  /** The first cell of each row names it; a row in which it is empty belongs to the one named before. */
  readonly rows: readonly (readonly Cell[])[];
  /** So many of the first columns are words and not figures. */
  readonly words?: number;
}

/** Makes a table that scrolls by itself where the page is too narrow for it. */
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

/** Groups each named row with the rows after it that are not named. */
function groupsOf(rows: ReportTable['rows']): (readonly Cell[])[][] {
  const groups: (readonly Cell[])[][] = [];
  for (const row of rows) {
    const last = groups[groups.length - 1];
    if (row[0] === '' && last) last.push(row);
    else groups.push([row]);
  }
  return groups;
}
