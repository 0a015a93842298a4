/** The rules of the tree, held by a test: what imports what, what is deployed, what is documented. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { functions } from '../shared/functions.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const folders = ['functions', 'shared', 'dashboard', 'sandbox', 'deploy', 'bench', 'test']

interface Source {
  readonly path: string
  readonly text: string
  /** Project files as paths from the root, packages by name. */
  readonly imports: readonly string[]
}

let sources: Source[] = []
beforeAll(async () => {
  const names = (
    await Promise.all(
      folders.map(folder =>
        readdir(join(root, folder), { recursive: true }).then(found => found.map(name => `${folder}/${name}`)),
      ),
    )
  ).flat()
  sources = await Promise.all(
    names
      .filter(name => name.endsWith('.ts'))
      .map(async path => {
        const text = await readFile(join(root, path), 'utf8')
        const found = [
          ...text.matchAll(
            /^(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm,
          ),
        ]
        const imports = found
          .map(([, a, b, c]) => a ?? b ?? c ?? '')
          .map(name => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name))
        return { path, text, imports }
      }),
  )
})

const below = (folder: string) => sources.filter(({ path }) => path.startsWith(`${folder}/`))
const violations = (files: readonly Source[], allowed: (name: string, path: string) => boolean) =>
  files.flatMap(({ path, imports }) => imports.filter(name => !allowed(name, path)).map(name => `${path} → ${name}`))

describe('imports', () => {
  it('functions import shared and dashboard, never another function', () => {
    expect(violations(below('functions'), name => /^(shared|dashboard)\//.test(name))).toEqual([])
  })
  it('shared imports nothing of the project outside it, but package.json', () => {
    expect(
      violations(below('shared'), name => !/^(functions|sandbox|deploy|bench|test|dashboard)\//.test(name)),
    ).toEqual([])
  })
  it('a provider imports its contract, transport types, its own files, and what its protocol needs', () => {
    const allowed = /^(node:(crypto|buffer)|jose|zod\/mini|shared\/http\.ts|shared\/errors\.ts|shared\/providers\/.*)$/
    expect(violations(below('shared/providers'), name => allowed.test(name))).toEqual([])
  })
  it('a provider never imports another', () => {
    const others = (path: string) => (path.includes('/tpns') ? /\/huawei/ : path.includes('/huawei') ? /\/tpns/ : /^$/)
    expect(violations(below('shared/providers'), (name, path) => !others(path).test(name))).toEqual([])
  })
  it('the recall room knows the registry only as handed in', () => {
    expect(violations(below('shared/recall'), name => !/^shared\/providers\/(?!provider\.ts)/.test(name))).toEqual([])
  })
  it('the stand-ins share no code with the providers', () => {
    expect(violations(below('sandbox/vendors'), name => !name.startsWith('shared/'))).toEqual([])
  })
})

describe('words', () => {
  it('only config.ts reads the environment', () => {
    const readers = [...below('shared'), ...below('functions')]
      .filter(({ text }) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').includes('process.env'))
      .map(({ path }) => path)
    expect(readers).toEqual(['shared/config.ts'])
  })
  it('only platform/ knows an event shape', () => {
    const shapes = /queryStringParameters|isBase64Encoded|TriggerName/
    expect(
      [...below('shared'), ...below('functions')]
        .filter(({ path, text }) => shapes.test(text) && !path.startsWith('shared/platform/'))
        .map(({ path }) => path),
    ).toEqual([])
  })
  it('every SQL parameter travels as text', () => {
    const bare = below('shared/ledger').flatMap(({ path, text }) =>
      [...text.matchAll(/\$\d+(?!\d|::text)/g)].map(([match]) => `${path}: ${match}`),
    )
    expect(bare).toEqual([])
  })
  it('nothing is left for later, no file is named by a kind', () => {
    const later = new RegExp(['TO', 'DO|FIX', 'ME'].join(''))
    expect(sources.filter(({ text }) => later.test(text)).map(({ path }) => path)).toEqual([])
    expect(
      sources
        .filter(({ path }) => /(utils|helpers|types)\.ts$/.test(path) || /[A-Z_]/.test(path))
        .map(({ path }) => path),
    ).toEqual([])
  })
})

describe('what is deployed', () => {
  it('is every function file, in the table and in serverless.yml, alike', async () => {
    const files = below('functions')
      .map(({ path }) => path.slice('functions/'.length, -'.ts'.length))
      .sort()
    expect(Object.keys(functions).sort()).toEqual(files)
    const file = parse(await readFile(join(root, 'serverless.yml'), 'utf8'))
    const table = Object.fromEntries(
      Object.entries(functions).map(([name, entry]) => [
        name,
        {
          handler: `functions/${name}.main_handler`,
          timeout: entry.timeoutSeconds,
          memorySize: entry.memoryMb,
          events: [
            ...entry.prefixes.map(path => ({ http: { path } })),
            ...(entry.timer === null ? [] : [{ timer: { cron: entry.timer } }]),
          ],
        },
      ]),
    )
    expect(file.functions).toEqual(table)
  })
  it('has its environment and its vendors in both READMEs', async () => {
    for (const name of ['README.md', 'README.zh-CN.md']) {
      const text = await readFile(join(root, name), 'utf8')
      for (const word of [
        'PORT',
        'LEDGER_URL',
        'SECRETS',
        'UNPUSH_TIMERS',
        'UNPUSH_DASHBOARD_ORIGIN',
        'TPNS',
        'Push Kit',
        'npm ci && npm test',
        'npm ci && npm start',
      ]) {
        expect(text, `${name} on ${word}`).toContain(word)
      }
    }
  })
})
