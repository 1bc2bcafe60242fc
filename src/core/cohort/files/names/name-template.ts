/** What a template makes of a name: the folder in front, and the text that its placeholders stand for. */
export interface Fit {
  readonly folder: string;
  readonly text: Readonly<Record<string, string>>;
}

/** A path without its ending. */
export interface PathStem {
  readonly path: string;
  readonly stem: string;
  /** The name begins here in `stem`, behind its last `/`. */
  readonly nameAt: number;
}

/**
 * A compiled template of `NamePattern`. Cohorts have hundreds of thousands of files and most fit nothing, so what is
 * fixed in a template is compared before any regular expression is tried; most templates need none.
 */
export class NameTemplate {
  /** The fixed text before the first and behind the last placeholder of the file's name. */
  readonly #head: string;
  readonly #tail: string;
  /**
   * The folder above, with its `/`, where it is fixed. It is empty where it is not fixed, or the template names none.
   */
  readonly #above: string;
  /** The only placeholder, where the file's name has just one and the folders are fixed. */
  readonly #only: { readonly name: string; readonly isDigits: boolean } | undefined;
  readonly #isFixed: boolean;
  /** The fixed text between the first and the last placeholder. */
  readonly #middle: string;
  readonly #expression: RegExp;

  constructor(template: string) {
    const nameAt = template.lastIndexOf('/') + 1;
    const above = template.slice(0, nameAt);
    const name = template.slice(nameAt);
    const placeholders = [...name.matchAll(/\{(\w+)(:digits)?\}/g)];
    this.#isFixed = placeholders.length === 0 && !above.includes('{');
    this.#head = placeholders.length === 0 ? name : name.slice(0, placeholders[0].index);
    this.#tail = name.slice(name.lastIndexOf('}') + 1);
    this.#middle = placeholders.length > 1 ? (/\}([^{}]*)\{/.exec(name)?.[1] ?? '') : '';
    this.#above = above.includes('{') ? '' : above;
    if (placeholders.length === 1 && !above.includes('{')) {
      const [[, only, digits]] = placeholders;
      this.#only = { name: only, isDigits: digits !== undefined };
    }
    this.#expression = expressionOf(template);
  }

  fit({ stem, nameAt }: PathStem): Fit | null {
    const folderEnd = nameAt - this.#above.length;
    if (!stem.endsWith(this.#tail) || !stem.startsWith(this.#head, nameAt)) return null;
    if (this.#middle !== '' && !stem.includes(this.#middle, nameAt)) return null;
    if (this.#above !== '' && !(stem.startsWith(this.#above, folderEnd) && isFolderEnd(stem, folderEnd))) return null;
    const folder = stem.slice(0, Math.max(0, folderEnd - 1));
    if (this.#isFixed) return stem.length === nameAt + this.#head.length ? { folder, text: {} } : null;
    if (!this.#only) return this.#byExpression(stem);
    const { name, isDigits } = this.#only;
    const [from, to] = [nameAt + this.#head.length, stem.length - this.#tail.length];
    if (from >= to) return null;
    const text = stem.slice(from, to);
    return isDigits && !/^\d+$/.test(text) ? null : { folder, text: { [name]: text } };
  }

  #byExpression(stem: string): Fit | null {
    const match = this.#expression.exec(stem);
    if (!match) return null;
    const { folder = '', ...text } = match.groups ?? {};
    return { folder, text };
  }
}

function isFolderEnd(stem: string, at: number): boolean {
  return at === 0 || (at > 0 && stem[at - 1] === '/');
}

function expressionOf(template: string): RegExp {
  const seen = new Set<string>();
  const body = template.replaceAll(/\{(\w+)(:digits)?\}|[^{]+/g, (part, name: string | undefined, digits) => {
    if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\-]/g, '\\$&');
    if (seen.has(name)) return `\\k<${name}>`;
    seen.add(name);
    return `(?<${name}>${digits ? '\\d+' : '[^/]+'})`;
  });
  return new RegExp(`^(?:(?<folder>.+)/)?${body}$`);
}

const known = new Map<string, NameTemplate>();

/** Compiles a template; the same template is compiled once. */
export function nameTemplate(template: string): NameTemplate {
  const found = known.get(template) ?? new NameTemplate(template);
  known.set(template, found);
  return found;
}

/** Puts the texts of a fit in the places of the template's placeholders. */
export function fillTemplate(template: string, text: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)(?::digits)?\}/g, (_, name: string) => text[name] ?? '');
}
