import { describe, expect, it } from 'vitest';
import { base64 } from '../../../src/core/report/base64.ts';
import { escapeHtml, Html, html } from '../../../src/core/report/html.ts';
import { trainingReportHtml } from '../../../src/core/report/training-report-html.ts';
import { sampleReport } from './sample-report.ts';

const ATTACK = `<script>alert("1")</script><img src=x onerror='alert(2)'>`;

describe('html', () => {
  it('escapes all that is inserted but markup, and joins lists', () => {
    const name = `a<b> & "c" 'd'`;
    expect(html`<p title="${name}">${name}${7}${null}${['<', html`<i>`]}</p>`.text).toBe(
      '<p title="a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;">a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;7&lt;<i></p>',
    );
    expect(html`${new Html('<b>')}`.text).toBe('<b>');
    expect(escapeHtml('&lt;')).toBe('&amp;lt;');
  });
});

describe('base64', () => {
  it('is what Node makes, for every length of the last group', () => {
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, (_, n) => (n * 197 + length * 31) % 256);
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }
  });
});

describe('trainingReportHtml', () => {
  it('names no file, script or address outside itself', () => {
    const page = trainingReportHtml(sampleReport());
    expect(page).not.toMatch(/<script|<link|@import|url\(/i);
    expect([...page.matchAll(/(?:src|href)="([^"]{0,11})/g)].map(([, target]) => target)).toEqual(
      expect.arrayContaining(['data:image/', '#holdout']),
    );
    expect([...page.matchAll(/(?:src|href)="(?!#|data:image\/png)/g)]).toEqual([]);
  });

  it('lets no name of a user become markup', () => {
    const report = sampleReport({ caseId: ATTACK, label: ATTACK, cohort: ATTACK });
    const page = trainingReportHtml({
      ...report,
      verdict: { activated: false, reason: ATTACK },
      planSentences: [ATTACK],
      plan: { [ATTACK]: ATTACK },
      engine: ATTACK,
      machine: ATTACK,
      preset: ATTACK,
      ended: ATTACK,
      dataFingerprint: ATTACK,
      created: ATTACK,
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img src=x');
    expect(page).not.toMatch(/="[^"]*<[^"]*"/);
    // Title, heading, verdict, plan, JSON, engine, machine, preset, end, fingerprint, time, and names in tables.
    expect(page.split('&lt;script&gt;').length).toBeGreaterThan(20);
  });

  it('says all that is known', () => {
    const report = sampleReport();
    const page = trainingReportHtml(report);
    for (const said of [
      'Model 3 of Livers',
      'Model 3 is now active.',
      'model 2 has 0.859',
      'Started from',
      '2026-01-02 03:04 UTC',
      '9 min 58 s',
      'ONNX Runtime CPU',
      'The time was up.',
      'sha256-0123456789abcdef',
      'Slices are seen at 2 mm x 2 mm per pixel.',
      'Surface Dice at 1 mm',
      'Voxel accuracy is near 1 even for an empty prediction',
      'was not found at all in 1 case that has it',
      'Lesions by size',
      '524 to 4\u202f189',
      'The other 13 cases',
    ]) {
      expect(page).toContain(said);
    }
    for (const { id } of [...report.cases, ...(report.holdout?.cases ?? [])]) expect(page).toContain(id);
  });

  it('puts the worst case first', () => {
    const page = trainingReportHtml(sampleReport());
    const table = page.slice(page.indexOf('id="cases"'));
    expect(table.indexOf('>case_00<')).toBeGreaterThan(0);
    expect(table.indexOf('>case_00<')).toBeLessThan(table.indexOf('>case_1<'));
  });

  it('says what was not measured where there is no holdout, no version before, no curve and no picture', () => {
    const page = trainingReportHtml({
      ...sampleReport(),
      holdout: null,
      previous: null,
      parent: null,
      curve: [],
      bestStep: null,
      pictures: [],
      cases: [],
      verdict: { activated: true, reason: 'It is the first version.' },
    });
    expect(page).toContain('was not measured');
    expect(page).toContain('random weights');
    expect(page).not.toContain('Compared with the version before');
    expect(page).not.toMatch(/NaN|undefined|null|Infinity/);
  });

  it('shows dashes, never NaN or Infinity', () => {
    const report = sampleReport();
    expect(trainingReportHtml(report)).not.toMatch(/NaN|undefined|Infinity/);
    const unmeasured = { ...report, previous: { version: 2, holdout: null } };
    expect(trainingReportHtml(unmeasured)).toContain('Model 2 was not measured on the same cases.');
    const curve = report.curve.map((point) => ({ ...point, tuneDice: null }));
    expect(trainingReportHtml({ ...report, curve })).not.toMatch(/NaN|undefined|Infinity/);
  });
});
