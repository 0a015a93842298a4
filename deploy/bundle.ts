/**
 * Functions as they are deployed: one CommonJS bundle and one zip each, the same bytes every time and everywhere.
 *
 * `@tencent-sdk/capi` lies beside `index.js` as a file of its own: its 118 KB are neither read nor compiled by an
 * instance that never calls Tencent Cloud, nor by any other before its first call.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { zipSync } from 'fflate'
import { type FunctionName, functions } from '../shared/functions.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const beside = 'beside'

export interface Bundle {
  readonly name: FunctionName
  /** `index.js`: CommonJS that exports `main_handler`. */
  readonly code: Uint8Array
  /** `capi.js`: loaded by `code` when it first calls Tencent Cloud. */
  readonly capi: Uint8Array
  /** `openapi.json`: loaded by `code` when it is asked for; null where it never is. */
  readonly document: Uint8Array | null
  /** Holds these files, and a `package.json` that says what they are wherever they are unpacked. */
  readonly zip: Uint8Array
  /** Files that `code` was made from, as paths from the project's root. */
  readonly inputs: readonly string[]
}

/** Rejects where esbuild has an error or a warning: what it warns about fails in the cloud, not here. */
export async function bundleFunction(name: FunctionName): Promise<Bundle> {
  const [main, capi] = await Promise.all([
    bundle(name, {
      entryPoints: [`functions/${name}.ts`],
      plugins: [onlyTheVersion, documentBeside, nothingLocal, capiBeside],
    }),
    bundle('capi', {
      stdin: { contents: "export { Capi } from '@tencent-sdk/capi'", resolveDir: root },
      plugins: [neverAskedFor],
    }),
  ])
  const document = main.inputs.includes(`${beside}:openapi`) ? await readDocument() : null
  const zip = zipOf({
    'index.js': main.code,
    'capi.js': capi.code,
    'package.json': Buffer.from(commonJs),
    ...(document !== null && { 'openapi.json': document }),
  })
  return { name, ...main, capi: capi.code, document, zip }
}

/** `serverless offline` unpacks below this project, whose own package.json would make modules of them. */
const commonJs = '{"type":"commonjs"}\n'

async function readDocument(): Promise<Uint8Array> {
  return Buffer.from(JSON.stringify(JSON.parse(await readFile(join(root, 'dashboard/openapi.json'), 'utf8'))))
}

async function bundle(name: string, entry: BuildOptions): Promise<Pick<Bundle, 'code' | 'inputs'>> {
  const { outputFiles, metafile, warnings } = await build({
    ...entry,
    absWorkingDir: root,
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
  })
  const [file] = outputFiles
  if (file === undefined || warnings.length > 0) {
    throw new Error(
      `${name} cannot be bundled: ${warnings.map(({ text }) => text).join('; ') || 'esbuild gave nothing'}`,
    )
  }
  return { code: file.contents, inputs: Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)) }
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

/** As part of the code, the API's document would be read and compiled at every cold start, whoever asks for what. */
const documentBeside: Plugin = {
  name: 'document-beside',
  setup: esbuild => {
    esbuild.onResolve({ filter: /[\\/]openapi\.json$/ }, ({ namespace }) =>
      namespace === beside ? { path: './openapi.json', external: true } : { path: 'openapi', namespace: beside },
    )
    esbuild.onLoad({ filter: /.*/, namespace: beside }, () => ({
      contents: "module.exports = require('./openapi.json')",
    }))
  },
}

const capiBeside: Plugin = {
  name: 'capi-beside',
  setup: esbuild => {
    esbuild.onResolve({ filter: /^@tencent-sdk\/capi$/ }, () => ({ path: './capi.js', external: true }))
  },
}

/**
 * The HTTP client of Tencent's SDK brings a cache, a resolver and HTTP/2 along, which it uses where an option asks for
 * them; the SDK sets none. They are a third of its bytes, in every zip.
 */
const neverAskedFor: Plugin = {
  name: 'never-asked-for',
  setup: esbuild => {
    esbuild.onResolve({ filter: /^(cacheable-lookup|cacheable-request|http2-wrapper)$/ }, ({ path }) => ({
      path,
      namespace: 'never-asked-for',
    }))
    esbuild.onLoad({ filter: /.*/, namespace: 'never-asked-for' }, ({ path }) => ({
      contents: `const absent = function () { throw new Error('${path} is not in this bundle') }
        absent.default = absent.auto = absent
        // whatever fails is held against this class first
        absent.CacheError = class extends Error {}
        module.exports = absent`,
    }))
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
