import { type SVGTemplateResult, svg } from 'lit';

/**
 * An icon of 16 x 16, drawn with the text colour. The icons are our own, so that no font and no style sheet has to be
 * loaded.
 */
function icon(paths: SVGTemplateResult): SVGTemplateResult {
  return svg`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor"
    stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`;
}

/** The icon of a tool from its path (see `Tool.icon`). */
export function toolIcon(path: string): SVGTemplateResult {
  return icon(svg`<path d=${path} />`);
}

export const ICONS = {
  navigate: icon(svg`<path d="M8 1.5v4M8 10.5v4M1.5 8h4M10.5 8h4"/><circle cx="8" cy="8" r="1"/>`),
  eye: icon(
    svg`<path d="M1.5 8S4 3.7 8 3.7 14.5 8 14.5 8 12 12.3 8 12.3 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.9"/>`,
  ),
  eyeOff: icon(svg`<path d="M1.5 8S4 3.7 8 3.7 14.5 8 14.5 8 12 12.3 8 12.3 1.5 8 1.5 8z M3 13.5l10-11"/>`),
  crosshair: icon(svg`<path d="M8 1.5v13M1.5 8h13"/><rect x="4.5" y="4.5" width="7" height="7"/>`),
  fit: icon(
    svg`<path d="M2 5.5V2h3.5M10.5 2H14v3.5M14 10.5V14h-3.5M5.5 14H2v-3.5"/><rect x="5" y="5" width="6" height="6"/>`,
  ),
  window: icon(svg`<circle cx="8" cy="8" r="5.8"/><path d="M8 2.2a5.8 5.8 0 0 1 0 11.6z" fill="currentColor"/>`),
  smooth: icon(svg`<path d="M1.5 12.5c4 0 3.5-9 6.5-9s2.5 9 6.5 9"/>`),
  sharp: icon(svg`<path d="M1.5 12.5H4v-4h2.5v-5h3v5H12v4h2.5"/>`),
  link: icon(
    svg`<path d="M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6 2.6 0 0 0 3.7 3.7l.9-.9"/>`,
  ),
  undo: icon(svg`<path d="M5.5 2.5 2.5 5.5l3 3M2.5 5.5h6.3a4.2 4.2 0 0 1 0 8.4H5"/>`),
  redo: icon(svg`<path d="m10.5 2.5 3 3-3 3M13.5 5.5H7.2a4.2 4.2 0 0 0 0 8.4H11"/>`),
  history: icon(svg`<path d="M2.5 8a5.7 5.7 0 1 0 1.8-4.2L2.5 5.5M2.5 2v3.5H6M8 5v3.3l2.2 1.4"/>`),
  help: icon(
    svg`<circle cx="8" cy="8" r="6.3"/><path d="M6.2 6.3a1.8 1.8 0 1 1 2.7 1.5c-.6.4-.9.7-.9 1.5M8 11.5v.1"/>`,
  ),
  maximize: icon(svg`<path d="M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9 7M2.5 13.5 7 9"/>`),
  restore: icon(svg`<path d="M13 7H9V3M3 9h4v4M9 7l4.5-4.5M7 9l-4.5 4.5"/>`),
  large: icon(svg`<rect x="1.8" y="2.5" width="12.4" height="11"/><path d="M10 2.5v11M10 8h4.2"/>`),
  plus: icon(svg`<path d="M8 2.5v11M2.5 8h11"/>`),
  close: icon(svg`<path d="m3.5 3.5 9 9M12.5 3.5l-9 9"/>`),
  check: icon(svg`<path d="m2.5 8.5 3.7 3.7 7.3-8.4"/>`),
  next: icon(svg`<path d="m4 3 5 5-5 5M12 3v10"/>`),
} as const;
