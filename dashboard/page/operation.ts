import type { DescribedOperation, Parameter } from './document.ts'
import { type Html, html } from './html.ts'
import { renderMembers, renderParameters, typeOf } from './members.ts'
import { type DescribedProblem, problemWords } from '../problems.ts'
import type { Language } from './shell.ts'

/** One operation: what it takes and answers on the left, how that looks on the right. */
export function renderOperation(method: string, path: string, operation: DescribedOperation, language: Language): Html {
  const say = (english: string, chinese: string) => (language === 'zh' ? chinese : english)
  const roles = (operation['x-roles'] ?? []).map(role => html`<span class="role">${role}</span>`)
  const body = operation.requestBody?.content['application/json']?.schema
  const titles = { path: say('Path', '路径参数'), query: say('Query', '查询参数'), header: say('Headers', '请求头') }
  const parameters = (['path', 'query', 'header'] as const).map(place => {
    const here = operation.parameters.filter(parameter => parameter.in === place)
    return here.length === 0 ? null : html`<h4>${titles[place]}</h4>${renderParameters(here, language)}`
  })
  const members = Object.keys(body?.properties ?? {}).length
  return html`<article class="operation" id="${operation.operationId}"><div>
<h3>${say(operation.summary, operation['x-summary-zh'])}</h3>
<div class="path"><span class="verb ${method}">${method}</span><code>${path}</code>${roles}</div>
<p>${say(operation.description, operation['x-description-zh'])}</p>
${parameters}
${body === undefined || members === 0 ? null : html`<h4>${say('Body', '请求体')}</h4>${renderMembers(body, language)}`}
<h4>${say('Answers', '返回')}</h4><dl>${answersOf(operation, language)}</dl>
</div><div class="examples">${examplesOf(method, path, operation, language)}</div></article>`
}

function answersOf({ responses }: DescribedOperation, language: Language): Html[] {
  return Object.entries(responses).map(
    ([status, { description, content = {}, 'x-description-zh': zh, 'x-problems': problems }]) => {
      if (problems !== undefined) {
        const slugs = Object.entries(problems).map(
          ([slug, when]) =>
            html`<p><a href="#problem-${slug}">${slug}</a><br>${language === 'zh' ? problemWords[slug as DescribedProblem][1] : when}</p>`,
        )
        return html`<div><dt><code>${status}</code></dt><dd>${slugs}</dd></div>`
      }
      const [one] = Object.entries(content)
      const type = one === undefined ? null : one[1].schema === undefined ? html`${one[0]}` : typeOf(one[1].schema)
      return html`<div><dt><code>${status}</code><small>${type}</small></dt><dd>${language === 'zh' ? (zh ?? '') : description}</dd></div>`
    },
  )
}

function examplesOf(method: string, path: string, operation: DescribedOperation, language: Language): Html {
  const json = operation.requestBody?.content['application/json']
  const bodies = Object.values(json?.examples ?? {})
  const lines = operation.requestBody?.content['application/x-ndjson']?.example
  const curl = (body: unknown, media: string) =>
    html`<pre><code>${curlOf(method, path, operation, body, media)}</code></pre>`
  const requests =
    bodies.length === 0
      ? [curl(undefined, '')]
      : bodies.map(({ summary, 'x-summary-zh': zh, value }, index) =>
          index === 0
            ? curl(value, 'application/json')
            : html`<details><summary>${language === 'zh' ? zh : summary}</summary>${curl(value, 'application/json')}</details>`,
        )
  const given = Object.entries(operation.responses).flatMap(([status, { content }]) => {
    const example = content?.['application/json']?.example
    return example === undefined ? [] : [{ status, text: JSON.stringify(example, null, 2) }]
  })
  // the best news stands open: what a first-time caller will get
  const best = given.findLast(({ status }) => status < '300')
  const answers = given.map(
    one =>
      html`<details${one === best ? { html: ' open' } : null}><summary>${one.status}</summary><pre><code>${one.text}</code></pre></details>`,
  )
  return html`<h4>${language === 'zh' ? '请求' : 'Request'}</h4>${requests}
${typeof lines === 'string' ? html`<details><summary>application/x-ndjson</summary>${curl(lines, 'application/x-ndjson')}</details>` : null}
${answers.length === 0 ? null : html`<h4>${language === 'zh' ? '返回示例' : 'Answer'}</h4>${answers}`}`
}

/** A line to paste, once UNPUSH_URL and UNPUSH_KEY are set. */
function curlOf(method: string, path: string, operation: DescribedOperation, body: unknown, media: string): string {
  const filled = operation.parameters.filter(({ example }) => example !== undefined)
  const place = filled.reduce((url, parameter) => fill(url, parameter, media), path)
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}"$UNPUSH_URL${place}"`]
  if (operation['x-roles'] !== undefined) lines.push('-H "Authorization: Bearer $UNPUSH_KEY"')
  if (body !== undefined) {
    const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
    lines.push(`-H 'Content-Type: ${media}'`, `--data-binary '${text.replaceAll("'", "'\\''")}'`)
  }
  return lines.join(' \\\n  ')
}

function fill(url: string, { name, in: place, required, example = '' }: Parameter, media: string): string {
  if (place === 'path') return url.replace(`{${name}}`, String(example))
  if (place === 'header' || (!required && media !== 'application/x-ndjson')) return url
  return `${url}${url.includes('?') ? '&' : '?'}${name}=${example}`
}
