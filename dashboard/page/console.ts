/** `GET /`: the document of the console. What needs no script stands in it too. */
import { linkTo } from '../../shared/base-path.ts'
import type { ApiResponse } from '../../shared/platform/request.ts'
import type { BuiltConsole } from '../console-assets.ts'
import { html } from './html.ts'
import { icon, type PageOptions, pathIn } from './shell.ts'
import { renderStart } from './start.ts'

/** `origins`: what the console may connect to besides its own origin. */
export function renderConsole(
  options: PageOptions,
  built: Pick<BuiltConsole, 'script' | 'style' | 'signIn' | 'late'>,
  origins: readonly string[],
): ApiResponse {
  const zh = options.language === 'zh'
  const start = renderStart(options)
  const document = html`<!doctype html>
<html lang="${zh ? 'zh-CN' : 'en'}" data-base="${linkTo('')}" data-sign-in="${linkTo(`/assets/${built.signIn}`)}" data-late="${linkTo(`/assets/${built.late}`)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>${zh ? 'Unpush · 推送回撤' : 'Unpush'}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${linkTo(`/assets/${built.style}`)}">
<script type="module" src="${linkTo(`/assets/${built.script}`)}"></script>
</head>
<body>
<div id="app"></div>
<div id="start" hidden>${start}</div>
<noscript>
<header class="start-top"><b>Unpush</b><a href="${pathIn('/', zh ? 'en' : 'zh')}" hreflang="${zh ? 'en' : 'zh-CN'}" lang="${zh ? 'en' : 'zh-CN'}">${zh ? 'English' : '中文'}</a></header>
<p class="start-need">${zh ? '控制台需要 JavaScript。不启用时，一切仍可通过 API 与命令行完成。' : 'The console needs JavaScript. Without it, all of it can be done through the API and the command line.'}</p>
${start}
</noscript>
</body>
</html>
`
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': zh ? 'zh-CN' : 'en',
      'cache-control': 'no-store',
      vary: 'Accept-Language',
      'content-security-policy': policyOf(origins),
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      ...(options.local ? {} : { 'strict-transport-security': 'max-age=31536000' }),
    },
    body: document.html,
  }
}

/** Nothing from elsewhere, no text ever parsed as markup, and requests only where the API and the issuer are. */
function policyOf(origins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...new Set(origins)].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}
