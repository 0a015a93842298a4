/**
 * Builds the console: a script and a style sheet, a script of the pages that are loaded when they are opened, and one for signing
 * in at an issuer, loaded where one is configured. Names carry a hash of what is inside, so that a browser may keep each file for ever.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import type { BuiltConsole } from './console-assets.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = join(root, '.console')
const sources = ['dashboard/console', 'dashboard/words', 'package-lock.json']

const options = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  // chat apps open links in web views that are years behind
  target: ['chrome94', 'safari15', 'firefox94'],
  charset: 'utf8',
  legalComments: 'none',
  write: false,
  logLevel: 'silent',
} as const satisfies BuildOptions

/** The same bytes for the same sources. Rejects where esbuild has an error or a warning. */
export async function buildConsole(): Promise<BuiltConsole> {
  const [parts, others] = await Promise.all([
    texts({
      entryPoints: { console: 'dashboard/console/main.tsx', late: 'dashboard/console/late.ts' },
      splitting: true,
    }),
    texts({
      entryPoints: { 'sign-in': 'dashboard/console/oidc-flow.ts', style: 'dashboard/console/styles/console.css' },
    }),
  ])
  const files: { [name: string]: string } = {}
  const add = (name: string, ending: string, text: string): string => {
    const named = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase()}.${ending}`
    files[named] = text
    return named
  }
  const script = add('console', 'js', await whole(parts))
  // what both need is in the first file, which is there already
  const late = (parts.get('late.js') ?? '').replaceAll(/"\.\/chunk-[A-Z0-9]{8}\.js"/g, `"./${script}"`)
  return {
    script,
    late: add('late', 'js', late),
    signIn: add('sign-in', 'js', others.get('sign-in.js') ?? ''),
    style: add('style', 'css', others.get('style.css') ?? ''),
    files,
  }
}

async function texts(own: BuildOptions): Promise<ReadonlyMap<string, string>> {
  const { outputFiles = [], warnings } = await build({ ...options, ...own, outdir: 'assets' })
  if (warnings.length > 0) throw new Error(`the console has warnings: ${warnings.map(({ text }) => text).join('; ')}`)
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text]))
}

/**
 * esbuild puts what two entries share into a third file, which would be one more request before anything shows. So that is put
 * back into the first one, which exports it under the names that the other takes.
 */
async function whole(parts: ReadonlyMap<string, string>): Promise<string> {
  const chunks = [...parts.keys()].filter(name => name.startsWith('chunk-'))
  const contents = ['console.js', ...chunks].map(name => `export * from './${name}'`).join('\n')
  const inside: Plugin = {
    name: 'inside',
    setup: esbuild => {
      esbuild.onResolve({ filter: /^\.\// }, ({ path }) => ({ path: path.slice(2), namespace: 'part' }))
      esbuild.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({ contents: parts.get(path) ?? '' }))
    },
  }
  const made = await texts({ stdin: { contents: `import './console.js'\n${contents}` }, plugins: [inside] })
  return [...made.values()][0] ?? ''
}

/** Writes `.console/console.json` where it is missing or a source is newer. */
export async function packConsole(): Promise<void> {
  const path = join(folder, 'console.json')
  const made = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  if (made > (await newestSource())) return
  await mkdir(folder, { recursive: true })
  // renamed into place: whoever reads it meanwhile finds a whole file
  await writeFile(`${path}.${process.pid}`, JSON.stringify(await buildConsole()))
  await rename(`${path}.${process.pid}`, path)
}

async function newestSource(): Promise<number> {
  const below = await Promise.all(
    sources.map(async source => {
      const at = join(root, source)
      if ((await stat(at)).isFile()) return [at]
      return (await readdir(at, { recursive: true })).map(name => join(at, name))
    }),
  )
  const times = await Promise.all([...below.flat(), fileURLToPath(import.meta.url)].map(async path => stat(path)))
  return Math.max(...times.map(({ mtimeMs }) => mtimeMs))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await packConsole()
