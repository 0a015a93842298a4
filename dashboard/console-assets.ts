/** The console's files as they are served. */
import { gzipSync } from 'node:zlib'
import { Problem } from '../shared/errors.ts'
import type { ApiRequest, ApiResponse } from '../shared/platform/request.ts'

export interface BuiltConsole {
  /** Names in `files`. */
  readonly script: string
  readonly signIn: string
  readonly late: string
  readonly style: string
  /** Text by name. */
  readonly files: { readonly [name: string]: string }
}

/** Read by whoever opens the console: most instances serve no page. Rejects where it was not built. */
export async function readConsole(): Promise<BuiltConsole> {
  const { default: built } = await import('../.console/console.json', { with: { type: 'json' } })
  return built
}

const types: { readonly [ending: string]: string } = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

const zipped = new Map<string, Buffer>()

/**
 * `GET /assets/{file}`. Packed where the caller takes that, once in an instance; `plain`: never, since a Function URL of SCF
 * is not documented to pass what is not text.
 */
export async function serveAsset(
  name: string,
  { headers }: Pick<ApiRequest, 'headers'>,
  plain: boolean,
): Promise<ApiResponse> {
  const { files } = await readConsole()
  const text = Object.hasOwn(files, name) ? files[name] : undefined
  if (text === undefined) throw new Problem('not-found', 'There is no such file of the console.')
  const about = {
    'content-type': types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'same-origin',
    vary: 'Accept-Encoding',
  }
  if (plain || !/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return { status: 200, headers: about, body: text }
  const body = zipped.get(name) ?? gzipSync(text, { level: 9 })
  zipped.set(name, body)
  return { status: 200, headers: { ...about, 'content-encoding': 'gzip' }, body }
}
