/**
 * Functions as they are deployed: one zip each of CommonJS files, the same bytes every time and everywhere.
 *
 * A cold start pays for every byte that it compiles. What a module takes with `import()` is a file of its own beside
 * `index.js`, read by the instances that come to that line; all else is in `index.js`. How: deploy/split.ts.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { zipSync } from 'fflate'
import { type FunctionName, functions } from '../shared/functions.ts'
import { buildConsole } from '../dashboard/console-build.ts'
import {
  consoleBeside,
  consoleName,
  documentBeside,
  documentName,
  onlyTheSignature,
  neverOfPostgres,
  nothingLocal,
  noWork,
  onlyTheVersion,
  sqlAsNeeded,
  vendorsInEnglish,
} from './leave-out.ts'
import { split } from './split.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

/** However little several of them share: with twenty vendors it would be much. */
const ofVendors = /^shared\/providers\/[\w-]+\//

export interface Bundle {
  readonly name: FunctionName
  /**
   * By name: `index.js`, which exports `main_handler`, what it loads later, and a `package.json` that says what they are
   * wherever they are unpacked.
   */
  readonly files: { readonly [name: string]: Uint8Array }
  /** Holds these files. */
  readonly zip: Uint8Array
  /** Of each script the files that it was made from, as paths from the project's root. */
  readonly inputs: { readonly [name: string]: readonly string[] }
}

/**
 * Rejects where esbuild has an error or a warning: what it warns about fails in the cloud, not here. `plugins` come before our own:
 * a test bundles with vendors that it made up.
 */
export async function bundleFunction(name: FunctionName, plugins: readonly Plugin[] = []): Promise<Bundle> {
  const { files: scripts, inputs } = await split(
    root,
    `functions/${name}.ts`,
    [
      ...plugins,
      onlyTheVersion,
      documentBeside,
      consoleBeside,
      nothingLocal,
      onlyTheSignature,
      neverOfPostgres,
      sqlAsNeeded,
      vendorsInEnglish,
      ...(functions[name].class === 'public' ? [noWork] : []),
    ],
    ofVendors,
  )
  const asksFor = (file: string) => Object.values(scripts).some(code => Buffer.from(code).includes(`./${file}`))
  const files = {
    ...scripts,
    ...(asksFor(documentName) && { [documentName]: await readDocument() }),
    ...(asksFor(consoleName) && { [consoleName]: Buffer.from(JSON.stringify(await buildConsole())) }),
    'package.json': Buffer.from(commonJs),
  }
  return { name, files, zip: zipOf(files), inputs }
}

/** `serverless offline` unpacks below this project, whose own package.json would make modules of them. */
const commonJs = '{"type":"commonjs"}\n'

async function readDocument(): Promise<Uint8Array> {
  return Buffer.from(JSON.stringify(JSON.parse(await readFile(join(root, 'dashboard/openapi.json'), 'utf8'))))
}

export async function bundleAll(): Promise<Bundle[]> {
  return Promise.all((Object.keys(functions) as FunctionName[]).map(name => bundleFunction(name)))
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

/** The files of a bundle in a folder, which is made, as a platform unpacks its zip. */
export async function unpack({ files }: Pick<Bundle, 'files'>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)))
}

/** A time, a maker and permissions that were the machine's own would make equal input unequal bytes. */
function zipOf(files: { readonly [name: string]: Uint8Array }): Uint8Array {
  return zipSync(files, {
    level: 9,
    // a zip holds local time: read in the same zone as it is written, this is the same everywhere
    mtime: new Date(1980, 0, 1, 12),
    // a plain file, made on Unix, that everybody may read: Lambda keeps the permissions of a zip
    os: 3,
    attrs: 0o100644 << 16,
  })
}
