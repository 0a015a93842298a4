/** The pages of the dashboard function: plain HTML, one inline style that the CSP names by its hash, no script. */
import { createHash } from 'node:crypto'
import type { ApiResponse } from '../shared/platform/envelope.ts'

const style = `:root{color-scheme:light dark;--ink:light-dark(#1d2330,#e6e9f0);--soft:light-dark(#5b6577,#98a2b3);--line:light-dark(#e3e7ee,#2b3242);--paper:light-dark(#f7f8fb,#12151c);--card:light-dark(#fff,#1a1f2a);--blue:light-dark(#2257c4,#7aa7ff)}
*{box-sizing:border-box}body{margin:0 auto;max-width:960px;padding:32px 20px 80px;background:var(--paper);color:var(--ink);font:15px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
h1{font-size:28px;margin:0}h2{font-size:20px;margin:40px 0 8px}h3{font-size:15px;margin:0;display:flex;gap:10px;align-items:baseline;flex-wrap:wrap}
a{color:var(--blue)}p{margin:6px 0}.soft,small{color:var(--soft)}article{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:16px 18px;margin:14px 0}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow:auto;background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:10px 12px;margin:8px 0}
.verb{font:600 12px ui-monospace,monospace;padding:2px 8px;border-radius:7px;border:1px solid var(--line)}.POST{color:#2f9e62}.GET{color:var(--blue)}.PATCH{color:#b7791f}
table{border-collapse:collapse;width:100%;font-size:13px}td,th{text-align:left;padding:4px 10px 4px 0;border-top:1px solid var(--line);vertical-align:top}details{margin-top:8px}summary{cursor:pointer;color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:14px}nav{display:flex;gap:6px 16px;flex-wrap:wrap;margin:14px 0}`

const styleHash = createHash('sha256').update(style).digest('base64')
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
}

function page(title: string, body: string): ApiResponse {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title><style>${style}</style></head><body>${body}</body></html>`
  return { status: 200, headers, body: html }
}

/** `local`: the sandbox is there to be linked. */
export function renderStart(local: boolean): ApiResponse {
  const card = (href: string, title: string, text: string, zh: string) =>
    `<article><h3><a href="${href}">${title}</a></h3><p>${text}</p><p class="soft" lang="zh-CN">${zh}</p></article>`
  return page(
    'Unpush',
    `<header><h1>Unpush</h1><p>Takes back push notifications that were already sent: stop, revoke and overlay at every vendor, with one request.</p>
<p class="soft" lang="zh-CN">把已经发出去的推送收回来：一个请求，在各家厂商终止、撤回或覆盖，并如实说明触达了哪些设备。</p></header><main class="cards">
${local ? card('/_sandbox', 'Phones 沙箱手机', 'Watch what a recall reaches, live.', '实时查看一次回撤触达了哪些手机。') : ''}
${card('/docs', 'API reference 接口文档', 'Every operation, member and answer.', '全部接口、参数与返回。')}
${card('/openapi.json', 'OpenAPI', 'The same for machines.', '供程序读取的接口描述。')}
${card('/readyz', 'Readiness 就绪检查', 'Ledger, secrets and timers.', '账本、密钥与定时器。')}
</main><p class="soft">The console is not in this version; the API does all of it. · <span lang="zh-CN">本版本尚无控制台，所有操作都可通过 API 完成。</span></p>`,
  )
}

interface Documented {
  readonly info: { readonly description: string }
  readonly paths: { readonly [path: string]: { readonly [method: string]: unknown } }
  readonly components: { readonly schemas: { readonly [name: string]: unknown } }
}

interface Operation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly 'x-summary-zh': string
  readonly 'x-roles'?: readonly string[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
  }[]
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: unknown; readonly example?: unknown } }
  }
  readonly responses: {
    readonly [status: string]: {
      readonly description: string
      readonly content?: { readonly [type: string]: { readonly schema?: unknown } }
    }
  }
}

/** The reference, drawn from the OpenAPI document that requests are checked by. */
export function renderDocs(document: Documented): ApiResponse {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation: operation as Operation,
    })),
  )
  const tags = [...new Set(all.flatMap(({ operation }) => operation.tags))]
  const sections = tags.map(
    tag =>
      `<section><h2 id="${escape(tag)}">${escape(tag)}</h2>${all
        .filter(({ operation }) => operation.tags.includes(tag))
        .map(({ path, method, operation }) => renderOperation(path, method, operation))
        .join('')}</section>`,
  )
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escape(name)}"><summary>${escape(name)}</summary>${code(schema)}</details>`,
  )
  return page(
    'Unpush · API',
    `<header><h1>Unpush API</h1><p>${escape(document.info.description)}</p>
<p class="soft" lang="zh-CN">“厂商已受理”不等于“已从屏幕上消失”：没有任何厂商会确认后者。</p>
<p>Send <code>Authorization: Bearer &lt;API key&gt;</code>. Errors are <code>application/problem+json</code> (RFC 9457) and name the member to change. <a href="/openapi.json">openapi.json</a> · <a href="/">start</a></p></header>
<nav>${tags.map(tag => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join('')}<a href="#schemas">schemas</a></nav>
<main>${sections.join('')}<section><h2 id="schemas">schemas</h2><article>${schemas.join('')}</article></section></main>`,
  )
}

function renderOperation(path: string, method: string, operation: Operation): string {
  const body = operation.requestBody?.content['application/json']
  const parameters = operation.parameters.map(
    parameter =>
      `<tr><td><code>${escape(parameter.name)}</code></td><td>${escape(parameter.in)}${parameter.required ? ', required' : ''}</td><td>${escape(parameter.description ?? '')}</td></tr>`,
  )
  const answers = Object.entries(operation.responses).map(([status, { content = {} }]) => {
    const [first] = Object.entries(content)
    return `<tr><td>${escape(status)}</td><td>${escape(first?.[0] ?? '')}</td><td>${names(first?.[1].schema)
      .map(name => `<a href="#schema-${escape(name)}">${escape(name)}</a>`)
      .join(' · ')}</td></tr>`
  })
  const roles = operation['x-roles'] === undefined ? '' : `<small>${escape(operation['x-roles'].join(', '))}</small>`
  return `<article><h3><span class="verb ${escape(method)}">${escape(method)}</span><code>${escape(path)}</code>${roles}</h3>
<p>${escape(operation.summary)}</p><p class="soft" lang="zh-CN">${escape(operation['x-summary-zh'])}</p>
${body?.example === undefined ? '' : code(body.example)}
${parameters.length === 0 ? '' : `<table>${parameters.join('')}</table>`}
<details><summary>answers · 返回</summary><table>${answers.join('')}</table></details>
${body === undefined ? '' : `<details><summary>body · 请求体</summary>${code(body.schema)}</details>`}</article>`
}

function names(schema: unknown): string[] {
  return [...JSON.stringify(schema ?? null).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name)
}

function code(value: unknown): string {
  return `<pre><code>${escape(JSON.stringify(value, null, 2))}</code></pre>`
}

function escape(text: string): string {
  const entities: { readonly [character: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, character => entities[character] ?? character)
}
