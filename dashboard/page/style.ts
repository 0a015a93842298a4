/** One style for all pages, inline: its hash is in the Content-Security-Policy. No `<` may stand in it. */
export const style = `
:root{color-scheme:light dark;--ink:light-dark(#1a2130,#e7eaf1);--soft:light-dark(#5a6478,#9aa4b8);--line:light-dark(#e2e6ee,#2a3244);--paper:light-dark(#f6f7fb,#10141c);--card:light-dark(#fff,#181e2a);--code:light-dark(#f3f5fa,#131924);--blue:light-dark(#2a50cc,#8aa8ff);--green:light-dark(#17794a,#5fd19a);--amber:light-dark(#96600a,#e5b455);--red:light-dark(#c03038,#ff8b8b)}
*{box-sizing:border-box}
html{scroll-padding-top:72px}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.62 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
a{color:var(--blue);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px;border-radius:4px}
h1,h2,h3,h4,p{margin:0}
code,pre{font:13px/1.55 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}pre code{overflow-wrap:normal}
pre{margin:0;overflow-x:auto;background:var(--code);border:1px solid var(--line);border-radius:10px;padding:12px 14px;tab-size:2}
.soft{color:var(--soft)}
.top{position:sticky;top:0;z-index:2;display:flex;justify-content:space-between;align-items:center;gap:16px;padding:0 28px;min-height:56px;background:color-mix(in srgb,var(--paper) 88%,transparent);backdrop-filter:blur(10px);border-bottom:1px solid var(--line)}
.brand{font-weight:700;font-size:17px;letter-spacing:-.01em;color:var(--ink)}
.top nav{display:flex;gap:20px;align-items:center;font-size:14px;white-space:nowrap}
.languages a{border:1px solid var(--line);border-radius:99px;padding:3px 12px;background:var(--card)}
.start{max-width:1020px;margin:0 auto;padding:64px 28px 80px}
.start h1{font-size:clamp(30px,5vw,46px);line-height:1.18;letter-spacing:-.025em;max-width:18em;text-wrap:balance;word-break:keep-all}
.lead{font-size:18px;color:var(--soft);max-width:40em;margin-top:18px}
.trio{display:grid;grid-template-columns:repeat(auto-fit,minmax(250px,1fr));gap:18px;margin:44px 0}
.trio article,.links a{background:var(--card);border:1px solid var(--line);border-radius:18px}
.trio article{padding:18px 20px 20px}.trio h2{font-size:18px;margin-top:16px}.trio p{color:var(--soft);font-size:14px;margin-top:4px}
.stage{display:grid;gap:8px;align-content:center;height:128px;padding:12px;border-radius:12px;background:var(--code)}
.notice{display:grid;grid-template-columns:26px 1fr;gap:9px;align-items:center;padding:9px 11px;border-radius:11px;background:var(--card);border:1px solid var(--line);box-shadow:0 4px 14px rgb(20 30 60/.07);font-size:12px;line-height:1.35}
.notice i{width:26px;height:26px;border-radius:8px;background:var(--blue)}.notice b{display:block;font-weight:600}.notice small{color:var(--soft);font-size:11px}
.notice.queued{border-style:dashed;box-shadow:none;opacity:.62}.notice.queued i{background:none;border:2px dashed var(--soft)}
.notice.gone{animation:leave 5s ease-in-out infinite}.notice.new i{background:var(--green)}
.swap{display:grid}.swap .notice{grid-area:1/1}.swap .new{animation:arrive 5s ease-in-out infinite}
@keyframes leave{0%,35%{opacity:1;transform:none}60%,90%{opacity:.12;transform:translateX(24px)}to{opacity:1;transform:none}}
@keyframes arrive{0%,35%{opacity:0;transform:translateY(8px)}55%,92%{opacity:1;transform:none}to{opacity:0;transform:none}}
@media (prefers-reduced-motion:reduce){.notice{animation:none!important}.notice.gone{opacity:.25}}
.links{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:14px;margin-top:12px}
.links a{display:block;padding:16px 18px;color:var(--ink)}.links a:hover{text-decoration:none;border-color:var(--blue)}
.links b{color:var(--blue)}.links span{display:block;color:var(--soft);font-size:13px}
.honest{margin-top:36px;padding:16px 20px;border-left:3px solid var(--amber);background:var(--card);border-radius:0 12px 12px 0;font-size:14px}
.docs{display:grid;grid-template-columns:266px minmax(0,1fr);max-width:1360px;margin:0 auto}
.side{position:sticky;top:57px;align-self:start;max-height:calc(100vh - 57px);overflow-y:auto;padding:26px 8px 40px 28px;font-size:13px}
.side .group{margin:16px 0 4px;color:var(--soft);font-weight:600}.side .group:first-child{margin-top:0}
.side a{display:flex;gap:8px;padding:3px 0;color:var(--ink);min-width:0}.side a span:last-child{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.verb{flex:none;font:600 11px/1.7 ui-monospace,Menlo,monospace;min-width:40px;color:var(--blue)}.POST{color:var(--green)}.PATCH,.DELETE{color:var(--amber)}
main{padding:30px 28px 90px;min-width:0}
main h1{font-size:30px;letter-spacing:-.02em}main>section>h2{font-size:23px;letter-spacing:-.015em;margin:52px 0 4px}
.intro{max-width:74ch;display:grid;gap:12px}
.operation{border-top:1px solid var(--line);padding:26px 0 34px;display:grid;grid-template-columns:minmax(0,1.12fr) minmax(0,1fr);gap:12px 32px}
.operation:first-of-type{border-top:0}
.operation h3{font-size:18px;line-height:1.4}.operation>div{min-width:0}.operation>div>p{margin-top:8px;max-width:70ch}
.operation h4,.schema h4{font-size:12px;font-weight:600;color:var(--soft);margin:20px 0 4px}
.path{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:baseline;margin-top:4px}.path .verb{min-width:0;font-size:13px}
.role{font-size:12px;color:var(--soft);border:1px solid var(--line);border-radius:99px;padding:0 9px}
.examples{display:grid;grid-template-columns:minmax(0,1fr);gap:10px;align-content:start}@media (min-width:1101px){.examples{position:sticky;top:80px;align-self:start;max-height:calc(100vh - 100px);overflow-y:auto}}.examples h4{margin:6px 0 -4px}
dl{margin:0}dl>div{display:grid;grid-template-columns:minmax(110px,32%) 1fr;gap:2px 14px;padding:8px 0;border-top:1px solid var(--line);font-size:13.5px}dl>div:first-child{border-top:0}
dt{min-width:0}dt small{display:block;color:var(--soft);font-size:12px;overflow-wrap:anywhere}dd{margin:0;min-width:0}
.must{color:var(--red)}dt span{font-size:12px}
details>summary{cursor:pointer;color:var(--soft);font-size:13px;padding:4px 0}details[open]>summary{color:var(--ink)}
.schema{border-top:1px solid var(--line);padding:20px 0}.schema h3{font-size:16px}
@media (max-width:1100px){.operation{grid-template-columns:minmax(0,1fr)}}
@media (max-width:800px){.docs{display:block}.side{position:static;max-height:none;padding:18px 18px 0;display:flex;flex-wrap:wrap;gap:2px 14px}.side a{display:none}.side .group{display:flex;margin:0;color:var(--blue);font-size:14px}.top{padding:0 18px}.top nav{gap:12px;font-size:13px}main{padding:20px 18px 60px}.start{padding:40px 18px 60px}dl>div{grid-template-columns:1fr}.side a span:last-child{white-space:normal}}
@media print{.top,.side{display:none}.docs{display:block}}
`
