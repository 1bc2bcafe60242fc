import { base64 } from './base64.ts';
import { countedText, durationText, intervalText, mmText, momentText, scoreText } from './figures.ts';
import { casesSection, comparisonSection, holdoutSection, lesionsSection } from './holdout-sections.ts';
import { Html, html } from './html.ts';
import { PREDICTION_RGB, TRUTH_RGB } from './outline-colors.ts';
import { REPORT_STYLE } from './report-style.ts';
import type { TrainingReport } from './training-report.ts';
import { curvesSection, dataSection, planSection } from './training-sections.ts';

interface Section {
  readonly id: string;
  readonly title: string;
  /** It is null when there is nothing to say. */
  readonly body: Html | null;
}

/**
 * Writes the report of one training as one HTML file: style, curves and pictures are in it, there is no script, and
 * nothing is fetched. It is light or dark as the reader has it, and may be printed.
 */
export function trainingReportHtml(report: TrainingReport): string {
  const sections: Section[] = [
    {
      id: 'holdout',
      title: report.measuredOn === 'tune' ? 'On the tune cases' : 'On cases it never saw',
      body: holdoutSection(report),
    },
    { id: 'comparison', title: 'Compared with the version before', body: comparisonSection(report) },
    { id: 'lesions', title: 'Lesions by size', body: lesionsSection(report.holdout) },
    { id: 'pictures', title: 'Worst cases', body: picturesSection(report) },
    { id: 'cases', title: 'Case by case', body: casesSection(report) },
    { id: 'curves', title: 'How training went', body: curvesSection(report) },
    { id: 'plan', title: 'Plan', body: planSection(report) },
    { id: 'data', title: 'Data', body: dataSection(report) },
  ];
  const shown = sections.filter(({ body }) => body !== null);
  const title = `Model ${report.version} of ${report.cohort}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}: training report</title>
<style>${new Html(REPORT_STYLE)}</style>
</head>
<body>
<header>
<p class="kind">Voxel Loop training report</p>
<h1>${title}</h1>
${verdict(report)}
${keyFigures(report)}
${facts(report)}
<nav aria-label="Sections">${shown.map(({ id, title: heading }) => html`<a href="#${id}">${heading}</a> `)}</nav>
</header>
<main>
${shown.map(
  ({ id, title: heading, body }) => html`<section id="${id}">
<h2>${heading}</h2>
${body}
</section>
`,
)}</main>
</body>
</html>
`.text;
}

function verdict({ verdict: { activated, reason }, version }: TrainingReport): Html {
  return html`<p class="verdict ${activated ? 'active' : 'candidate'}"><strong>${
    activated ? `Model ${version} is now active.` : `Model ${version} stays a candidate.`
  }</strong> ${reason}</p>`;
}

function keyFigures({ holdout, measuredOn, toleranceMm }: TrainingReport): Html | null {
  if (holdout === null || holdout.cases.length === 0) return null;
  const { dice, surfaceDice, hd95Mm } = holdout.overLabels;
  const figure = (name: string, value: string, below: string) =>
    html`<div><dt>${name}</dt><dd><span class="value">${value}</span> <span class="below">${below}</span></dd></div>`;
  return html`<dl class="key">
${figure('Mean Dice', scoreText(dice.mean), `95 %: ${intervalText(dice.interval, scoreText)}`)}
${figure(`Surface Dice at ${toleranceMm} mm`, scoreText(surfaceDice.mean), `95 %: ${intervalText(surfaceDice.interval, scoreText)}`)}
${figure(
  'HD95',
  `${mmText(hd95Mm.mean)} mm`,
  hd95Mm.infiniteCases > 0
    ? `without ${countedText(hd95Mm.infiniteCases, 'case')} that ${hd95Mm.infiniteCases === 1 ? 'misses or invents' : 'miss or invent'} a label`
    : `95 %: ${intervalText(hd95Mm.interval, mmText)}`,
)}
${figure('Measured on', countedText(holdout.cases.length, 'case'), measuredOn === 'tune' ? 'that chose its weights' : 'that no version learned from')}
</dl>`;
}

function facts(report: TrainingReport): Html {
  const { parent, preset, engine, machine, seed, seconds, created } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['Made', momentText(created)],
    ['Started from', parent === null ? 'random weights' : `model ${parent}`],
    ['Labels', report.labels.map(({ name }) => name).join(', ')],
    ['Preset', preset],
    ['Engine', engine],
    ['Machine', machine],
    ['Seed', String(seed)],
    ['Took', durationText(seconds)],
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function picturesSection({ pictures }: TrainingReport): Html | null {
  if (pictures.length === 0) return null;
  const color = (rgb: readonly number[]) => `rgb(${rgb.join(' ')})`;
  return html`<p class="legend">Each on its worst slice, without and with outlines:
<span class="swatch" style="border-color: ${color(TRUTH_RGB)}"></span> truth (solid),
<span class="swatch dashed" style="border-color: ${color(PREDICTION_RGB)}"></span> prediction (dashed).
The patient's right is on the left.</p>
<div class="pictures">${pictures.map(
    ({ caseId, caption, png, width, height }) => html`<figure>
<img src="data:image/png;base64,${new Html(base64(png))}" width="${width}" height="${height}" alt="${caseId}: ${caption}">
<figcaption><strong>${caseId}</strong> ${caption}</figcaption>
</figure>
`,
  )}</div>`;
}
