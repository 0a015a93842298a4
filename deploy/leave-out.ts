/** What of the modules of a function is not deployed, or not as they are. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

/**
 * Of Tencent's SDK only the signature is asked for. Its builds say of no class that it has no effect, so that esbuild would keep
 * its client, and with it `got`: 68 KB.
 */
export const onlyTheSignature: Plugin = {
  name: 'only-the-signature',
  setup: esbuild => {
    esbuild.onResolve({ filter: /^@tencent-sdk\/(capi|common)$/ }, ({ path }) => ({
      path: join(root, 'node_modules', path, 'dist/index.esm.js'),
      sideEffects: false,
    }))
    esbuild.onLoad({ filter: /[\\/]@tencent-sdk[\\/].*\.esm\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('/** @class */', '/* @__PURE__ */'),
    }))
    esbuild.onResolve({ filter: /^got$/ }, ({ path }) => ({ path, namespace: 'never-asked-for', sideEffects: false }))
    esbuild.onLoad({ filter: /.*/, namespace: 'never-asked-for' }, () => ({ contents: 'export default null' }))
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

/** A function of the class `public` reads no app's secret and works on no recall: vendors and the drainer are nothing there. */
export const noWork: Plugin = {
  name: 'no-work',
  setup: esbuild => {
    esbuild.onResolve({ filter: /^\.\/([\w-]+\/index|drain)\.ts$/ }, ({ path, importer }) =>
      /[\\/](providers[\\/]registry|recall[\\/]late-drainer)\.ts$/.test(importer)
        ? { path, namespace: 'no-work' }
        : undefined,
    )
    esbuild.onLoad({ filter: /.*/, namespace: 'no-work' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** What vendors are called in Chinese, and say in it: no answer holds it, and console and documents have it from elsewhere. */
export const vendorsInEnglish: Plugin = {
  name: 'vendors-in-english',
  setup: esbuild => {
    esbuild.onLoad({ filter: /[\\/]shared[\\/]providers[\\/][\w-]+[\\/]texts\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/'[^'\n]*\p{Script=Han}[^'\n]*'/gu, "''"),
      loader: 'ts',
    }))
  },
}

/** SQL of statements that nothing in the bundle asks for; and indentation and remarks, which in SQL are part of a string. */
export const sqlAsNeeded: Plugin = {
  name: 'sql-as-needed',
  setup: esbuild => {
    esbuild.onLoad({ filter: /[\\/]shared[\\/]ledger[\\/][\w-]+\.ts$/ }, async ({ path }) => ({
      contents: flushLeft(removable(await readFile(path, 'utf8'))),
      loader: 'ts',
    }))
  },
}

/** Newlines stay, so that neither code nor a comment ends elsewhere. */
function flushLeft(text: string): string {
  return text.replace(/\n +(?:-- .*)?/g, '\n')
}

/** A template with `${…}` is kept by esbuild though nobody reads it: making it might do something. Here none does. */
function removable(text: string): string {
  return text.replace(
    /^((?:export )?const \w+ = )(`[^]*?`)$(?=\n(?:\n|\S|$))/gm,
    (_, name: string, template: string) => `${name}/* @__PURE__ */ (() => ${template})()`,
  )
}
