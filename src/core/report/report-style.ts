/**
 * The style of a report, with colours by role for light, dark and print. Text has a contrast of at least 4.5 to 1 on
 * its ground.
 */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--ground:#fff;--raised:#f6f8fa;--ink:#1f2328;--faint:#59636e;--line:#d1d9e0;--link:#0550ae;--good:#0f6b3a;--good-ground:#e6f6ec;--held:#7a4a00;--held-ground:#fff4dc}
@media (prefers-color-scheme:dark){:root{--ground:#0f1318;--raised:#181e25;--ink:#e6edf3;--faint:#9aa4af;--line:#323a44;--link:#79b8ff;--good:#6fdd9b;--good-ground:#10281b;--held:#f5c26b;--held-ground:#2b2110}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:2rem 1.5rem 4rem;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
h1{margin:0 0 1rem;font-size:1.9rem;line-height:1.2;overflow-wrap:anywhere}
h2{margin:2.75rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line);font-size:1.3rem}
a{color:var(--link)}
code,pre{font:13px/1.45 ui-monospace,'SF Mono',Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
pre{max-height:32rem;overflow:auto;padding:1rem;border-radius:6px;background:var(--raised)}
p,ul{max-width:62rem}
li{margin:.2rem 0}
.kind{margin:0;color:var(--faint);font-size:.85rem}
.verdict{max-width:none;padding:.8rem 1rem;border-left:4px solid;border-radius:4px}
.verdict.active{border-color:var(--good);background:var(--good-ground)}
.verdict.candidate{border-color:var(--held);background:var(--held-ground)}
.verdict.active strong{color:var(--good)}.verdict.candidate strong,.warning strong{color:var(--held)}
.warning{padding:.6rem 1rem;border-left:4px solid var(--held);background:var(--held-ground)}
.note,.below,dt,caption{color:var(--faint)}
.note{font-size:.87rem}
dl{margin:0}dd{margin:0}
.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.75rem;margin:1.25rem 0}
.key>div{padding:.8rem 1rem;border:1px solid var(--line);border-radius:6px;background:var(--raised)}
.key .value{display:block;font-size:1.7rem;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}
.key .below{font-size:.85rem}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.35rem 2rem;margin:1.25rem 0}
.facts>div{display:flex;gap:.6rem}
.facts dt{flex:none;width:6.5rem}.facts dd{overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:.6rem 0;border-block:1px solid var(--line)}
.tables{display:flex;flex-wrap:wrap;gap:0 2rem}
.tables>div{max-width:100%}
.table{overflow-x:auto;margin:1rem 0 1.5rem}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
caption{padding:0 0 .4rem;text-align:left;font-weight:600;color:var(--ink);white-space:nowrap}
th,td{padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;white-space:nowrap}
th:last-child,td:last-child{padding-right:.1rem}
thead th{vertical-align:bottom;color:var(--faint);font-size:.85rem;font-weight:600}
tbody th{font-weight:400}
tbody th,.word{text-align:left}
tbody th,td.word{max-width:22rem;white-space:normal;overflow-wrap:break-word}
tbody tr:hover{background:var(--raised)}
details{margin:.5rem 0 1rem}
summary{cursor:pointer;color:var(--link)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.25rem}
.charts svg{width:100%;height:auto}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:1.5rem}
figure{margin:0}
figure img{display:block;max-width:100%;height:auto;background:#000;border-radius:4px}
figcaption{margin-top:.35rem;font-size:.9rem;overflow-wrap:anywhere}
.swatch{display:inline-block;width:1.6rem;height:0;border-top:4px solid;vertical-align:middle}
.swatch.dashed{border-top-style:dashed}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media print{
:root{--ground:#fff;--raised:#fff;--ink:#000;--faint:#444;--line:#bbb;--link:#000;--good:#0f6b3a;--good-ground:#fff;--held:#7a4a00;--held-ground:#fff}
body{max-width:none;padding:0;font-size:11px}
nav,details:not([open]){display:none}
.table{overflow:visible}
figure,.charts svg,tr,.key>div{break-inside:avoid}
h2{break-after:avoid}
th,td{padding-right:.5rem;white-space:normal}
}
`;
