/** What every page of the dashboard function has: head, headers, languages. No script, nothing from elsewhere. */
import { createHash } from 'node:crypto'
import { linkTo } from '../../shared/base-path.ts'
import type { ApiRequest, ApiResponse } from '../../shared/platform/request.ts'
import { type Html, html } from './html.ts'
import { style } from './style.ts'

export type Language = 'en' | 'zh'

export interface PageOptions {
  readonly language: Language
  /** Served by the local gateway: the sandbox is there, and TLS is not. */
  readonly local: boolean
}

export const icon =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3056d3"/><path d="M10 8v9a6 6 0 0 0 12 0V8" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/><path d="m6.5 12 3.5-4 3.5 4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  )

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** `home` is the path of the page itself: the other language is a query away. */
export function page(
  { language, local }: PageOptions,
  { title, home, body }: { readonly title: string; readonly home: string; readonly body: Html },
): ApiResponse {
  const zh = language === 'zh'
  const document = html`<!doctype html>
<html lang="${zh ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${icon}">
<style>${{ html: style }}</style>
</head>
<body>
<header class="top"><a class="brand" href="${pathIn('/', language)}">Unpush</a>
<nav><a href="${pathIn('/docs', language)}">${zh ? '接口' : 'API'}</a>${local ? html`<a href="/_sandbox">${zh ? '沙箱' : 'Sandbox'}</a>` : null}
<span class="languages">${zh ? html`<a href="${pathIn(home, 'en')}" hreflang="en" lang="en">English</a>` : html`<a href="${pathIn(home, 'zh')}" hreflang="zh-CN" lang="zh-CN">中文</a>`}</span></nav></header>
${body}
</body>
</html>
`
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': zh ? 'zh-CN' : 'en',
      vary: 'Accept-Language',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      ...(local ? {} : { 'strict-transport-security': 'max-age=31536000' }),
    },
    body: document.html,
  }
}

export function pathIn(path: string, language: Language): string {
  return `${linkTo(path)}?lang=${language}`
}

/** `?lang=` where it is given, else what the browser likes best of the two. */
export function languageOf({ query, headers }: Pick<ApiRequest, 'query' | 'headers'>): Language {
  const asked = query.get('lang')
  if (asked === 'en' || asked === 'zh') return asked
  const [best] = (headers['accept-language'] ?? '')
    .split(',')
    .map(entry => /^\s*(en|zh)\b[^;]*(?:;\s*q=([\d.]+))?/i.exec(entry))
    .flatMap(match => (match === null ? [] : [{ name: match[1]?.toLowerCase(), weight: Number(match[2] ?? 1) }]))
    .sort((a, b) => b.weight - a.weight)
  return best?.name === 'zh' && best.weight > 0 ? 'zh' : 'en'
}
