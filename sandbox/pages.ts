/** The page of /_sandbox and its parts, as files; nothing else of this machine can be asked for. */
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { filledDocs } from './docs.ts'
import type { StandIn } from './vendors/stand-in.ts'

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
} as const

const folder = new URL('page/', import.meta.url)
/** What stands in the folder, under its own name; and the console's colours, so that the two look alike side by side. */
const files: ReadonlyMap<string, URL> = new Map([
  ['', new URL('index.html', folder)],
  ['/', new URL('index.html', folder)],
  ['/docs', new URL('docs.html', folder)],
  ['/tokens.css', new URL('../dashboard/console/styles/tokens.css', import.meta.url)],
  ...readdirSync(folder)
    .filter(name => !name.endsWith('.html'))
    .map(name => [`/${name}`, new URL(name, folder)] as const),
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
  const bytes = await readFile(file)
  const page = path === '/docs' ? filledDocs(bytes.toString(), standIns) : bytes
  response.writeHead(200, {
    'content-type': types[file.pathname.slice(file.pathname.lastIndexOf('.') + 1) as keyof typeof types],
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  })
  response.end(page)
  return true
}
