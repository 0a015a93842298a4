/**
 * Builds the console: one script, one style sheet, and a script for signing in at an issuer that is loaded where one is
 * configured. Names carry a hash of what is inside, so that a browser may keep each file for ever.
 */
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BuiltConsole } from './console-assets.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = join(root, '.console')
const sources = ['dashboard/console', 'dashboard/words', 'package-lock.json']

/** The same bytes for the same sources. Rejects where esbuild has an error or a warning. */
export async function buildConsole(): Promise<BuiltConsole> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: {
      console: 'dashboard/console/main.tsx',
      'sign-in': 'dashboard/console/oidc-flow.ts',
      style: 'dashboard/console/styles/console.css',
    },
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // chat apps open links in web views that are years behind
    target: ['chrome94', 'safari15', 'firefox94'],
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  if (warnings.length > 0) throw new Error(`the console has warnings: ${warnings.map(({ text }) => text).join('; ')}`)
  const names = new Map(
    Object.entries(metafile.outputs).map(([path, { entryPoint = '' }]) => [basename(entryPoint), basename(path)]),
  )
  const nameOf = (entry: string): string => {
    const name = names.get(entry)
    if (name === undefined) throw new Error(`the console has no ${entry}`)
    return name
  }
  return {
    script: nameOf('main.tsx'),
    signIn: nameOf('oidc-flow.ts'),
    style: nameOf('console.css'),
    files: Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text])),
  }
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
