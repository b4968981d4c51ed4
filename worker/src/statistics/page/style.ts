const widths = Array.from(
  { length: 101 },
  (_, share) => `.w${share}{width:${(share * 0.85).toFixed(1)}%}`,
);
const shades = Array.from(
  { length: 11 },
  (_, tenth) => `.h${tenth}{background:color-mix(in srgb,var(--bar) ${tenth * 5}%,transparent)}`,
);

/** The only style of the page; its hash is in the policy that the page is sent with. */
export const style = `:root{color-scheme:light dark;--bg:#fdfdfb;--fg:#1a1a18;--soft:#5f5f59;--line:#dcdcd5;--bar:#2d6da3;--worse:#b3380a;--s0:#2d6da3;--s1:#b3560a;--s2:#2f7d53;--s3:#7a4fc0;--s4:#6b6b66}
@media(prefers-color-scheme:dark){:root{--bg:#161614;--fg:#eeeeea;--soft:#a3a39c;--line:#363632;--bar:#5a9fd6;--worse:#ff8a5c;--s0:#6cb6f0;--s1:#f0a05a;--s2:#6fc795;--s3:#b594f0;--s4:#a3a39c}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1rem 4rem;max-width:68rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.25rem;line-height:1.3;margin:3rem 0 .25rem;padding-top:1.5rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:2rem 0 .25rem}.three h3,.two h3{margin-top:0}
p{max-width:42rem;margin:.25rem 0 1rem}
.lead,h2+p{color:var(--soft)}
a{color:inherit;text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:2px solid var(--bar);outline-offset:3px}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:1rem 0 1.5rem;padding:0}
nav a{display:inline-block;padding:.25rem 0}
.demo{border:2px solid var(--worse);border-radius:.4rem;padding:.6rem .9rem;max-width:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:0 0 2rem;padding:0}
.tiles>div{border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem}
.tiles dt{font-size:.85rem;color:var(--soft)}
.tiles dd{margin:0}
.tiles dd:first-of-type{font-size:1.6rem;font-weight:700;line-height:1.3}
.tiles dd+dd{font-size:.85rem;color:var(--soft)}
figure{margin:1rem 0}
figcaption,caption,.caption{font-size:.85rem;color:var(--soft);text-align:left;padding:.25rem 0 .5rem}
svg{display:block;max-width:100%;height:auto;overflow:visible}
.on-narrow{display:none}
.grid{stroke:var(--line);fill:none}
.mark{stroke:var(--soft);stroke-dasharray:2 3;fill:none}
.axis{font-size:12px;fill:var(--soft)}
.end{font-size:13px}.end tspan{font-weight:700}
.line{fill:none;stroke-width:2.2}
circle{fill:transparent}
${[0, 1, 2, 3, 4].map((number) => `.s${number} .line{stroke:var(--s${number})}.s${number} .end,.s${number} .dot circle{fill:var(--s${number})}`).join('\n')}
table{border-collapse:collapse;width:100%}
th{font-weight:400;text-align:left}
thead th{font-size:.85rem;color:var(--soft);border-bottom:1px solid var(--line);padding:.2rem .5rem .2rem 0}
tbody th,td{padding:.28rem .5rem .28rem 0;vertical-align:top}
.bars tbody th{width:12.5rem;overflow-wrap:anywhere}
.bars.uses .n{width:8.5rem}
.bar{white-space:nowrap}
.bar i{display:inline-block;height:.75rem;min-width:2px;background:var(--bar);border-radius:0 .2rem .2rem 0;margin-right:.5rem}
.n{text-align:right!important;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:0}
code{font:.87rem/1.4 ui-monospace,monospace}
small{display:block;font-size:.8rem;margin-left:-8rem}
.worse{color:var(--worse)}
.note,summary{font-size:.88rem;color:var(--soft)}
summary{cursor:pointer;padding:.25rem 0;width:max-content}
.three{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:1rem 2.5rem}
.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem 2.5rem}
.three .bars tbody th,.two .bars tbody th{width:7rem}
.wide{overflow-x:auto}
.matrix .n{width:9%}.matrix th{white-space:nowrap}.two .matrix tbody th{white-space:normal}
.caption{margin:1rem 0 0}
.matrix td,.matrix thead .n{padding:.35rem .5rem}
.matrix td{border:1px solid var(--bg)}
.plain td,.plain th{padding-right:1rem}
.decided{list-style:none;padding:0;margin:0}
.decided li{display:flex;gap:1.5rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
.decided time{flex:0 0 8rem;color:var(--soft)}
.how li{max-width:46rem;margin:.3rem 0}
@media(max-width:44rem){.on-wide{display:none}.on-narrow{display:block}.three,.two{grid-template-columns:minmax(0,1fr)}.bars tbody th{width:auto}.bars.uses .n{width:auto}.bars.uses tr{display:grid;grid-template-columns:minmax(0,1fr) 4.5rem 4rem;border-bottom:1px solid var(--line)}.bars.uses thead th{border:0}.bars.uses thead th:nth-child(2){position:absolute;clip-path:inset(50%)}.bars.uses .bar{grid-column:1/-1;grid-row:2}.bars small{margin-left:-12rem}.decided li{display:block}.tiles{grid-template-columns:1fr 1fr}.tiles>div{padding:.6rem .7rem}}
@media print{body{max-width:none}details>*{display:block}}
${widths.join('')}
${shades.join('')}`;
