import { linkTo } from '../../shared/base-path.ts'
import { Problem } from '../../shared/errors.ts'
import type { ApiResponse } from '../../shared/platform/request.ts'
import { type DescribedProblem, problemWords } from '../problems.ts'
import type { DescribedOperation, OpenApiDocument } from './document.ts'
import { type Html, html } from './html.ts'
import { renderMembers } from './members.ts'
import { renderOperation } from './operation.ts'
import { page, type PageOptions } from './shell.ts'

/** `GET /docs`: the reference, drawn from the OpenAPI document. */
export function renderDocs(document: OpenApiDocument, options: PageOptions): ApiResponse {
  const { language } = options
  const say = (english: string, chinese: string) => (language === 'zh' ? chinese : english)
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const groups = document.tags.map(({ name, description, 'x-description-zh': zh }) => ({
    name,
    title: say(description, zh),
    operations: all.filter(({ operation }) => operation.tags.includes(name)),
  }))
  const side = groups.map(
    ({ name, title, operations }) =>
      html`<a class="group" href="#${name}-operations">${title}</a>${operations.map(({ method, path, operation }) => sideLink(method, path, operation))}`,
  )
  const sections = groups.map(
    ({ name, title, operations }) =>
      html`<section><h2 id="${name}-operations">${title}</h2>${operations.map(({ method, path, operation }) =>
        renderOperation(method, path, operation, language),
      )}</section>`,
  )
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      html`<article class="schema" id="schema-${name}"><h3><code>${name}</code></h3>${renderMembers(schema, language)}</article>`,
  )
  const body = html`<div class="docs"><nav class="side" aria-label="${say('Operations', '接口')}">${side}
<a class="group" href="#problems">${say('Problems', '错误')}</a><a class="group" href="#schemas">${say('Schemas', '数据结构')}</a><a class="group" href="${linkTo('/openapi.json')}">openapi.json</a></nav>
<main><div class="intro"><h1>${say('Unpush API', 'Unpush 接口')} <small class="soft">${document.info.version}</small></h1>
<p>${say(document.info.description, document.info['x-description-zh'])}</p>
<p>${say('Every request below /v1 carries an API key:', '/v1 下的所有请求都须携带 API 密钥：')}</p>
<pre><code>Authorization: Bearer $UNPUSH_KEY</code></pre></div>
${sections}
<section><h2 id="problems">${say('Problems', '错误')}</h2>
<p class="soft">${say(
    'application/problem+json (RFC 9457). A 4xx says what to change; a 5xx is a defect or an outage. Vendor failures are no HTTP errors: they are outcomes inside the recall.',
    'application/problem+json（RFC 9457）。4xx 说明应如何修改；5xx 为缺陷或故障。厂商失败不是 HTTP 错误，而是回撤中的结果。',
  )}</p>${renderProblems(options)}</section>
<section><h2 id="schemas">${say('Schemas', '数据结构')}</h2>${schemas}</section></main></div>`
  return page(options, { title: say('Unpush API', 'Unpush 接口文档'), home: '/docs', body })
}

function sideLink(method: string, path: string, { operationId }: DescribedOperation): Html {
  return html`<a href="#${operationId}"><span class="verb ${method}">${method}</span><span>${path}</span></a>`
}

function renderProblems({ language }: PageOptions): Html {
  const rows = (Object.keys(problemWords) as DescribedProblem[]).map(slug => {
    const [english, chinese] = problemWords[slug]
    const { status } = new Problem(slug, '')
    return html`<div id="problem-${slug}"><dt><code>${slug}</code><small>${status}</small></dt><dd>${language === 'zh' ? chinese : english}</dd></div>`
  })
  return html`<dl>${rows}</dl>`
}
