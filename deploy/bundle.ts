/** Functions as they are deployed: one CommonJS bundle and one zip each, the same bytes every time. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'
import { zipSync } from 'fflate'
import { type FunctionName, functions } from '../shared/functions.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
/** Zips carry times; this one makes equal input equal bytes (the earliest that DOS knows). */
const epoch = new Date('1980-01-01T00:00:00')

export interface Bundle {
  readonly name: FunctionName
  /** CommonJS that exports `main_handler`. */
  readonly code: Uint8Array
  readonly zip: Uint8Array
}

export async function bundleFunction(name: FunctionName): Promise<Bundle> {
  const { outputFiles } = await bundle({
    entryPoints: [join(root, 'functions', `${name}.ts`)],
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    write: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'local-only',
        setup: build => {
          // of package.json only the version is read; a default import would carry all of it along
          build.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
            const { version } = JSON.parse(await readFile(path, 'utf8'))
            return { contents: JSON.stringify({ version }), loader: 'json' }
          })
          // PGlite is for one machine: it is no dependency of what is deployed
          build.onResolve({ filter: /\/pglite\.ts$/ }, () => ({ path: 'pglite', namespace: 'local-only' }))
          build.onLoad({ filter: /.*/, namespace: 'local-only' }, () => ({
            contents:
              "export const openPGlite = () => { throw new Error('pglite: is for one machine only; deployed functions need postgres://') }",
          }))
        },
      },
    ],
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error(`esbuild gave nothing for ${name}`)
  return { name, code: file.contents, zip: zipSync({ 'index.js': [file.contents, { mtime: epoch, level: 9 }] }) }
}

export async function bundleAll(): Promise<Bundle[]> {
  return Promise.all((Object.keys(functions) as FunctionName[]).map(bundleFunction))
}

/** Writes `<folder>/<function>.zip` for all; what was there before is gone. */
export async function packageAll(folder: string): Promise<void> {
  const bundles = await bundleAll()
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const { name, zip } of bundles) {
    await writeFile(join(folder, `${name}.zip`), zip)
    console.log(`${name}.zip  ${(zip.length / 1024).toFixed(1)} KB`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await packageAll(join(root, process.argv[2] ?? '.serverless'))
