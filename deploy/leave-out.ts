/** What of the modules of a function is not deployed, or not as they are. */
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Of the API's description, beside the code that asks for it. */
export const documentName = 'openapi.json'

/** The built console, beside the code that asks for it. */
export const consoleName = 'console.json'

/** A default import of package.json would carry all of it along. */
export const onlyTheVersion: Plugin = {
  name: 'only-the-version',
  setup: esbuild => {
    esbuild.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'))
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

/** As part of the code, the API's document would be read and compiled at every cold start, whoever asks for what. */
export const documentBeside: Plugin = {
  name: 'document-beside',
  setup: esbuild => {
    esbuild.onResolve({ filter: /[\\/]openapi\.json$/ }, () => ({ path: `./${documentName}`, external: true }))
  },
}

/** As `documentBeside`: 250 KB that only those instances read which serve a page. */
export const consoleBeside: Plugin = {
  name: 'console-beside',
  setup: esbuild => {
    esbuild.onResolve({ filter: /[\\/]console\.json$/ }, () => ({ path: `./${consoleName}`, external: true }))
  },
}

/** Of a CommonJS package that is split off, esbuild exports `default` alone. */
export const capiByName: Plugin = {
  name: 'capi-by-name',
  setup: esbuild => {
    esbuild.onResolve({ filter: /^@tencent-sdk\/capi$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: 'capi', namespace: 'by-name' } : undefined,
    )
    esbuild.onLoad({ filter: /.*/, namespace: 'by-name' }, () => ({
      contents: "export { Capi } from '@tencent-sdk/capi'",
      resolveDir: root,
    }))
  },
}

/**
 * The HTTP client of Tencent's SDK brings a cache, a resolver and HTTP/2 along, which it uses where an option asks for
 * them; the SDK sets none. They are a third of its bytes, in every zip. How long the parts of a request took is read by nobody.
 */
export const neverAskedFor: Plugin = {
  name: 'never-asked-for',
  setup: esbuild => {
    esbuild.onResolve({ filter: /^@szmarczak\/http-timer$/ }, ({ path }) => ({ path, namespace: 'never-read' }))
    esbuild.onLoad({ filter: /.*/, namespace: 'never-read' }, () => ({ contents: 'exports.default = () => {}' }))
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
export const nothingLocal: Plugin = {
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

/**
 * What a function that asks nobody who they are never comes to: it admits nothing, drains nothing and calls no vendor. Should it
 * ever, the request fails and the log says why.
 */
export const nothingThatActs: Plugin = {
  name: 'nothing-that-acts',
  setup: esbuild => {
    esbuild.onResolve({ filter: /\/(drain|admit-recall|facts|tpns|huawei)\.ts$/ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import' ? { path: relative(root, join(resolveDir, path)), namespace: 'never-acts' } : undefined,
    )
    esbuild.onLoad({ filter: /.*/, namespace: 'never-acts' }, async ({ path }) => {
      const text = await readFile(join(root, path), 'utf8')
      const names = [...text.matchAll(/^export (?:async function|function|const) (\w+)/gm)].map(([, name]) => name)
      const absent = `const absent = () => { throw new Error('${path} is not deployed with a public function') }`
      return { contents: `${absent}\nexport { ${names.map(name => `absent as ${name}`).join(', ')} }` }
    })
  },
}

/** Logical replication and large objects of the PostgreSQL client, which nothing here asks for. */
export const neverOfPostgres: Plugin = {
  name: 'never-of-postgres',
  setup: esbuild => {
    esbuild.onResolve({ filter: /^\.\/(subscribe|large)\.js$/ }, ({ path, importer }) =>
      /[\\/]postgres[\\/]/.test(importer) ? { path, namespace: 'never-of-postgres' } : undefined,
    )
    esbuild.onLoad({ filter: /.*/, namespace: 'never-of-postgres' }, ({ path }) => ({
      contents: `const absent = () => { throw new Error('absent') }
        // the one is asked for its function while the client is made
        export default ${path.includes('subscribe') ? '() => absent' : 'absent'}`,
    }))
  },
}

/** Indentation and remarks, which in SQL are part of a string: newlines stay, so that neither code nor a comment ends elsewhere. */
export const flushLeft: Plugin = {
  name: 'flush-left',
  setup: esbuild => {
    esbuild.onLoad({ filter: /[\\/]shared[\\/]ledger[\\/][\w-]+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/\n +(?:-- .*)?/g, '\n'),
      loader: 'ts',
    }))
  },
}
