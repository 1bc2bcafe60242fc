import * as vscode from 'vscode';
import { ALL_CASES, type CaseListOptions, listCases } from '../../core/cohort/review/case-list.ts';
import type { CaseOverview } from '../../core/cohort/review/case-overview.ts';
import { type CaseActivity, caseItem, caseTooltip } from './case-item.ts';

/** A row keeps its object as long as the tree lives, so that it can be renewed alone. */
export interface CaseRow {
  readonly id: string;
  overview: CaseOverview;
}

/** The rows of the view of cases. As long as the rows and their order stay, only those that changed are renewed. */
export class CaseTree implements vscode.TreeDataProvider<CaseRow>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<CaseRow[] | undefined>();
  readonly #rows = new Map<string, CaseRow>();
  #shown: readonly CaseRow[] = [];
  #cases: readonly CaseOverview[] = [];
  #options = ALL_CASES;
  #predicting: string | undefined;
  #failures: ReadonlyMap<string, string> = new Map();

  readonly onDidChangeTreeData = this.#changes.event;

  get options(): CaseListOptions {
    return this.#options;
  }

  get shown(): readonly CaseRow[] {
    return this.#shown;
  }

  setCases(cases: readonly CaseOverview[]): void {
    if (cases === this.#cases) return;
    this.#cases = cases;
    const ids = new Set(cases.map(({ files }) => files.id));
    for (const id of [...this.#rows.keys()]) if (!ids.has(id)) this.#rows.delete(id);
    this.#list();
  }

  setOptions(options: CaseListOptions): void {
    this.#options = options;
    this.#list();
  }

  /** @param failures the reasons, by case id, why the prediction of a case failed */
  setActivity(predicting: string | undefined, failures: ReadonlyMap<string, string>): void {
    const before = [this.#predicting, ...this.#failures.keys()];
    if (predicting === this.#predicting && failures.size === this.#failures.size) return;
    this.#predicting = predicting;
    this.#failures = failures;
    const ids = new Set([...before, predicting, ...failures.keys()]);
    const rows = [...ids].flatMap((id) => (id === undefined ? [] : (this.#rows.get(id) ?? [])));
    if (rows.length > 0) this.#changes.fire(rows);
  }

  getChildren(row?: CaseRow): CaseRow[] {
    return row ? [] : [...this.#shown];
  }

  getParent(): undefined {
    return undefined;
  }

  getTreeItem({ overview }: CaseRow): vscode.TreeItem {
    return caseItem(overview, this.#activity(overview.files.id));
  }

  resolveTreeItem(item: vscode.TreeItem, { overview }: CaseRow): vscode.TreeItem {
    item.tooltip = caseTooltip(overview, this.#failures.get(overview.files.id));
    return item;
  }

  dispose(): void {
    this.#changes.dispose();
  }

  #activity(id: string): CaseActivity {
    return { predicting: id === this.#predicting, failure: this.#failures.get(id) };
  }

  #list(): void {
    const before = this.#shown;
    const changed: CaseRow[] = [];
    this.#shown = listCases(this.#cases, this.#options).map((overview) => {
      const known = this.#rows.get(overview.files.id);
      if (known?.overview === overview) return known;
      const row = known ?? { id: overview.files.id, overview };
      row.overview = overview;
      this.#rows.set(row.id, row);
      changed.push(row);
      return row;
    });
    const isSameList = before.length === this.#shown.length && before.every((row, index) => row === this.#shown[index]);
    if (!isSameList) this.#changes.fire(undefined);
    else if (changed.length > 0) this.#changes.fire(changed);
  }
}
