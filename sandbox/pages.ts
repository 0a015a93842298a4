/** The page of /_sandbox and its parts, as files; nothing else of this machine can be asked for. */
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { filledDocs } from './docs.ts'
import type { StandIn } from './vendors/stand-in.ts'

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
} as const

const scripts = [
  'page',
  'cards',
  'dom',
  'dots',
  'panels',
  'phones',
  'send',
  'texts',
  'texts-en',
  'texts-zh',
  'vendors',
  'verdict',
]
const styles = ['page', 'phones', 'devices', 'notices', 'send', 'score', 'panels', 'docs']
const files: ReadonlyMap<string, string> = new Map([
  ['', 'index.html'],
  ['/', 'index.html'],
  ['/docs', 'docs.html'],
  ...scripts.map(name => [`/${name}.js`, `${name}.js`] as const),
  ...styles.map(name => [`/${name}.css`, `${name}.css`] as const),
])

/** Scripts and styles are ours or they do not run; nobody frames the page; and no text ever becomes markup. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/** False where there is no such page. */
export async function servePage(
  path: string,
  response: ServerResponse,
  standIns: readonly StandIn[],
): Promise<boolean> {
  const file = files.get(path)
  if (file === undefined) return false
  const bytes = await readFile(new URL(`page/${file}`, import.meta.url))
  const page = file === 'docs.html' ? filledDocs(bytes.toString(), standIns) : bytes
  response.writeHead(200, {
    'content-type': types[file.slice(file.lastIndexOf('.') + 1) as keyof typeof types],
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  })
  response.end(page)
  return true
}
