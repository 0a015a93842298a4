/** Functions as they are deployed: one CommonJS bundle and one zip each, the same bytes every time and everywhere. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { zipSync } from 'fflate'
import { type FunctionName, functions } from '../shared/functions.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

export interface Bundle {
  readonly name: FunctionName
  /** CommonJS that exports `main_handler`. */
  readonly code: Uint8Array
  /** Holds `index.js`, which is `code`, and nothing else. */
  readonly zip: Uint8Array
  /** Files that `code` was made from, as paths from the project's root. */
  readonly inputs: readonly string[]
}

/** Rejects where esbuild has an error or a warning: what it warns about fails in the cloud, not here. */
export async function bundleFunction(name: FunctionName): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: [`functions/${name}.ts`],
    outfile: 'index.js',
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [onlyTheVersion, nothingLocal],
  })
  const [file] = outputFiles
  if (file === undefined || warnings.length > 0) {
    throw new Error(
      `${name} cannot be bundled: ${warnings.map(({ text }) => text).join('; ') || 'esbuild gave nothing'}`,
    )
  }
  return {
    name,
    code: file.contents,
    zip: zipOf(file.contents),
    inputs: Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)),
  }
}

export async function bundleAll(): Promise<Bundle[]> {
  return Promise.all((Object.keys(functions) as FunctionName[]).map(bundleFunction))
}

/** Writes `<folder>/<function>.zip` for all and returns them; zips that were there before are gone. */
export async function packageAll(folder: string): Promise<Bundle[]> {
  const bundles = await bundleAll()
  await mkdir(folder, { recursive: true })
  const stale = (await readdir(folder)).filter(name => name.endsWith('.zip'))
  await Promise.all(stale.map(name => rm(join(folder, name))))
  await Promise.all(bundles.map(({ name, zip }) => writeFile(join(folder, `${name}.zip`), zip)))
  return bundles
}

/** A time, a maker and permissions that were the machine's own would make equal input unequal bytes. */
function zipOf(code: Uint8Array): Uint8Array {
  return zipSync({
    'index.js': [
      code,
      {
        level: 9,
        // a zip holds local time: read in the same zone as it is written, this is the same everywhere
        mtime: new Date(1980, 0, 1, 12),
        // a plain file, made on Unix, that everybody may read: Lambda keeps the permissions of a zip
        os: 3,
        attrs: 0o100644 << 16,
      },
    ],
  })
}

/** A default import of package.json would carry all of it along. */
const onlyTheVersion: Plugin = {
  name: 'only-the-version',
  setup: esbuild => {
    esbuild.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'))
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

/** PGlite is for one machine: in the cloud its module is a line that says so. */
const nothingLocal: Plugin = {
  name: 'nothing-local',
  setup: esbuild => {
    esbuild.onResolve({ filter: /\/pglite\.ts$/ }, () => ({ path: 'pglite', namespace: 'local-only' }))
    esbuild.onLoad({ filter: /.*/, namespace: 'local-only' }, () => ({
      contents: `export function openPGlite() {
        throw new Error('pglite: is for one machine only; a deployed function needs a ledger at postgres://…')
      }`,
    }))
  },
}
