/** The rules of the tree, held by a test: what imports what, who knows what, how things are named and documented. */
import { beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { allSources } from '../shared/moderation/sources.ts'
import { serviceCases } from './support/services.ts'
import { importsOf, readSources, type Source } from './support/sources.ts'

let sources: readonly Source[] = []
beforeAll(async () => {
  sources = await readSources()
})

const below = (...folders: string[]) =>
  sources.filter(({ path }) => folders.some(folder => path.startsWith(`${folder}/`)))
const typescript = () => sources.filter(({ path }) => /\.tsx?$/.test(path))
const textOf = (path: string) => sources.find(source => source.path === path)?.text ?? ''
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '')
const matching = (files: readonly Source[], pattern: RegExp, allowed: readonly string[] = []) =>
  files.filter(({ path, text }) => pattern.test(text) && !allowed.includes(path)).map(({ path }) => path)

/** A room and all that its files may import. The first room that a file is in counts. */
const rooms: readonly { readonly room: RegExp; readonly may: RegExp }[] = [
  { room: /^functions\/dashboard\.ts$/, may: /^(shared|dashboard)\/|^node:timers\/promises$/ },
  { room: /^functions\//, may: /^shared\// },
  {
    room: /^shared\/providers\/registry\.ts$/,
    may: /^shared\/(providers\/(provider|[a-z0-9-]+\/index)\.ts|once\.ts)$/,
  },
  {
    room: /^shared\/providers\/([a-z]+\.ts$|wire\/)/,
    may: /^(shared\/(providers\/((?!registry)[a-z]+\.ts|wire\/.+)|http\.ts|http-date\.ts|errors\.ts|lossless-json\.ts|members\.ts|operation\.ts|sentences\.ts|words\.ts|once\.ts|pasted-json\.ts|pem\.ts|text\.ts)|jose|zod\/mini|node:(crypto|buffer))$/,
  },
  {
    room: /^shared\/providers\//,
    may: /^(shared\/(providers\/(?!registry\.ts).+|http\.ts|http-date\.ts|errors\.ts|lossless-json\.ts|members\.ts|operation\.ts|sentences\.ts|words\.ts|once\.ts|pasted-json\.ts|pem\.ts|text\.ts)|jose|zod\/mini|node:(crypto|buffer))$/,
  },
  // the registry is handed in
  { room: /^shared\/recall\//, may: /^(shared\/(?!providers\/(?!provider\.ts))|node:|zod\/mini$)/ },
  { room: /^shared\/config\.ts$/, may: /^(package\.json|shared\/ledger\/(address|unreachable)\.ts)$/ },
  { room: /^shared\/ledger\/postgres\.ts$/, may: /^(shared\/|postgres$)/ },
  // the one package of what is deployed that is not deployed: bundles leave this module out
  { room: /^shared\/ledger\/pglite(-wire)?\.ts$/, may: /^(shared\/|node:|@electric-sql\/pglite$)/ },
  // the one place that knows Tencent's package
  {
    room: /^shared\/cloud\/tencent-signature\.ts$/,
    may: /^@tencent-sdk\/capi$/,
  },
  // read by the pull of one source alone
  { room: /^shared\/moderation\/xml\.ts$/, may: /^saxes$/ },
  { room: /^shared\//, may: /^(shared\/|node:|jose$|zod\/mini$)/ },
  // it runs in a browser; types of the API's answers are gone before it does
  {
    room: /^dashboard\/console\//,
    may: /^(dashboard\/((console|words|answers)\/|words\.ts$)|shared\/|preact(\/hooks)?$|@preact\/signals$|oauth4webapi$)/,
  },
  { room: /^dashboard\/console-build\.ts$/, may: /^(dashboard\/console-assets\.ts|esbuild|node:.*)$/ },
  { room: /^dashboard\/console-assets\.ts$/, may: /^(shared\/|\.console\/console\.json$|node:)/ },
  { room: /^dashboard\//, may: /^(dashboard|shared)\/|^node:|^(zod\/mini|package\.json)$/ },
  // a stand-in that shares code with what it checks checks nothing
  { room: /^sandbox\/vendors\//, may: /^(sandbox\/|node:|jose$|zod\/mini$)/ },
  { room: /^test\/support\/cloud\//, may: /^(test\/support\/cloud\/|node:)/ },
  // it builds the console where its sources are newer
  { room: /^sandbox\/main\.ts$/, may: /^(?!(test|bench|deploy|functions|dashboard)\/)|^dashboard\/console-build\.ts$/ },
  { room: /^sandbox\//, may: /^(?!(test|bench|deploy|functions|dashboard)\/)/ },
  {
    room: /^deploy\/(bundle|split|parts|leave-out)\.ts$/,
    may: /^(deploy\/(split|parts|leave-out)\.ts|dashboard\/console-build\.ts|shared\/functions\.ts|esbuild|fflate|node:.*)$/,
  },
  {
    room: /^deploy\//,
    may: /^(deploy\/.*|shared\/((config|functions)\.ts|cloud\/tencent\.ts|ledger\/(open|migrate|unreachable)\.ts|secrets\/(ledger|secrets|sources|warnings)\.ts)|node:.*)$/,
  },
  // one list of words for people, wherever they read them
  { room: /^cli\/build\.ts$/, may: /^(package\.json|esbuild|node:.*)$/ },
  {
    room: /^cli\//,
    may: /^((cli|shared)\/.*|dashboard\/words(\.ts|\/(cli|cli-commands|notices|refusals|terms|vendors\/(names|handles))\.ts)|node:.*|get-east-asian-width|package\.json)$/,
  },
  { room: /^bench\//, may: /^(?!test\/)/ },
]

describe('imports', () => {
  it('are found in every form', () => {
    const text = `import a from './a.ts'\nimport type { B } from '../b.ts'\nimport {\n  c,\n  type D,\n} from 'c'\nimport * as z from "zod/mini"
import json from './package.json' with { type: 'json' }\nimport './e.ts'\nexport { f } from './f.ts'\nexport type { G } from './g.ts'
const h = async () => import('./h.ts')\n// from './i.ts'\nexport const j = ['from', 'k']\nexport * from './l.ts'\n`
    expect(importsOf('x/y.ts', text).map(({ name, typeOnly }) => (typeOnly ? `type ${name}` : name))).toEqual([
      'x/a.ts',
      'type b.ts',
      'c',
      'zod/mini',
      'x/package.json',
      'x/e.ts',
      'x/f.ts',
      'type x/g.ts',
      'x/h.ts',
      'x/l.ts',
    ])
  })
  it('go one way', () => {
    const wrong = typescript().flatMap(({ path, imports }) => {
      const may = rooms.find(({ room }) => room.test(path))?.may ?? /./
      // types of a package are gone before anything runs
      const counted = imports.filter(({ name, typeOnly }) => !typeOnly || /\.\w+$/.test(name))
      return counted.filter(({ name }) => !may.test(name)).map(({ name }) => `${path} → ${name}`)
    })
    expect(wrong).toEqual([])
  })
  it('of the console are of what runs in a browser: of the rest it takes types alone', () => {
    const wrong = below('dashboard/console').flatMap(({ path, imports }) =>
      imports
        .filter(({ name, typeOnly }) => !typeOnly && /^(shared|dashboard\/answers)\//.test(name))
        .map(({ name }) => `${path} → ${name}`),
    )
    expect(wrong).toEqual([])
  })
  it('never go from one provider to another, and every folder of one is registered', () => {
    const folderOf = (path: string) => /^shared\/providers\/([^/]+)\//.exec(path)?.[1] ?? null
    const files = below('shared/providers')
    const wrong = files.flatMap(({ path, imports }) => {
      const own = folderOf(path)
      const others = imports.filter(({ name }) => ![null, 'wire', own].includes(folderOf(name)))
      return own === null ? [] : others.map(({ name }) => `${path} → ${name}`)
    })
    expect(wrong).toEqual([])
    const registered = files.find(({ path }) => path === 'shared/providers/registry.ts')?.imports ?? []
    const folders = new Set(files.map(({ path }) => folderOf(path)).filter(name => name !== null && name !== 'wire'))
    expect(folders.size).toBeGreaterThan(1)
    expect(new Set(registered.filter(({ typeOnly }) => !typeOnly).flatMap(({ name }) => folderOf(name) ?? []))).toEqual(
      folders,
    )
  })
  it('make no circle, those of types included', () => {
    const edges = new Map(typescript().map(({ path, imports }) => [path, imports.map(({ name }) => name)]))
    const finished = new Set<string>()
    const circles: string[] = []
    const visit = (path: string, way: readonly string[]) => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '))
      if (finished.has(path) || way.includes(path)) return
      for (const next of edges.get(path) ?? []) visit(next, [...way, path])
      finished.add(path)
    }
    for (const path of edges.keys()) visit(path, [])
    expect(circles).toEqual([])
  })
  it('reach a moderation system through the table, which has a line for each file of it', async () => {
    const folder = 'shared/moderation/sources/'
    const names = below('shared/moderation/sources').map(({ path }) => path.slice(folder.length).replace(/\.ts$/, ''))
    expect(names.sort()).toEqual((await allSources()).map(({ name }) => name).sort())
    const knowing = matching(
      below('shared').filter(({ path }) => !path.startsWith(folder)),
      new RegExp(`sources/(${names.join('|')})\\.ts'`),
      ['shared/moderation/sources.ts'],
    )
    // what is asked about a job reads the answer as it reads a callback
    expect(knowing.filter(path => !/^shared\/moderation\/pulls(\/|\.ts$)/.test(path))).toEqual([])
  })
  it('of zod take its small half by a namespace: of any other form the bundle keeps all', () => {
    const form = /^import (type .*'zod(\/.*)?'|\* as z from 'zod\/mini')$/
    const wrong = typescript().flatMap(({ path, text }) =>
      [...text.matchAll(/^import .*from 'zod.*$/gm)]
        .filter(([line]) => !form.test(line))
        .map(([line]) => `${path}: ${line}`),
    )
    expect(wrong).toEqual([])
  })
  it('lead to no schema that is made while a module loads: the first is a millisecond of a cold start', () => {
    const wrong = [...below('shared'), ...below('functions')].flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:export )?const \w+(?:: [^=]+)? = (?:z\.|optional\().*$/gm)].map(
        ([line]) => `${path}: ${line}`,
      ),
    )
    expect(wrong).toEqual([])
  })
})

describe('knowledge', () => {
  it('of the environment is in config.ts alone, and of that of the command line in environment.ts', () => {
    const readers = below('cli', 'shared', 'functions', 'dashboard', 'sandbox').map(source => ({
      ...source,
      text: withoutComments(source.text),
    }))
    expect(matching(readers, /process\.env/)).toEqual(['cli/environment.ts', 'shared/config.ts'])
  })
  it('of event shapes is in platform/ alone', () => {
    const shapes =
      /queryStringParameters|rawQueryString|isBase64Encoded|multiValueHeaders|requestContext|httpMethod|TriggerName/
    const others = below('shared', 'functions', 'dashboard').filter(({ path }) => !path.startsWith('shared/platform/'))
    expect(matching(others, shapes)).toEqual([])
  })
  it('of how a vendor is called is in one file, which bounds what it answers', () => {
    const callers = below('shared', 'functions', 'dashboard').filter(
      ({ path }) => !path.startsWith('shared/providers/'),
    )
    const call = /provider(\.(stop|revoke|overlay|status)|\[\w+\])(\?\.)?\(/
    expect(matching(callers, call)).toEqual(['shared/recall/ask-vendor.ts'])
  })
  it('of the types of SQL parameters is in the SQL: each travels as text', () => {
    // what a function in the database hands to a statement of its own goes through no client, and has its type
    const statements = below('shared/ledger').filter(({ path }) => !path.endsWith('.sql'))
    const bare = statements.flatMap(({ path, text }) =>
      [...text.matchAll(/\$\d+(?!\d|::text)/g)].map(([match]) => `${path}: ${match}`),
    )
    expect(bare).toEqual([])
  })
  it('of one machine or registry is nowhere', () => {
    // `#!/usr/bin/env` and Debian's places of PostgreSQL and Chromium are the same on every machine that has them
    const machine =
      /(?<![\w.:$}*-])\/(?:work|tmp|root|home|mnt|opt)(?:\/|\b(?=['"`\s]))|registry\.\w+\.|mirrors?\.\w+\./
    expect(matching(sources, machine, ['test/layout.test.ts'])).toEqual([])
  })
})

describe('names', () => {
  it('are kebab-case, and none says only what kind of file it is', () => {
    const files = sources.filter(({ path }) => path.includes('/')).map(({ path }) => path)
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.services)?(\.test)?(\.d)?(\.[a-z]+)?$/
    expect(
      files.filter(path => !path.split('/').every(part => part === '.ci' || part === 'README.md' || kebab.test(part))),
    ).toEqual([])
    expect(files.filter(path => /(^|[/-])(utils?|helpers?|types|common|misc)\.ts$/.test(path))).toEqual([])
  })
  it('are exported: default is for those tools that ask for it', () => {
    expect(
      matching(typescript(), /^export default|^export \{[^}]*\bas default\b/m, [
        'serverless.aws.ts',
        'vitest.config.ts',
        'vitest.services.config.ts',
        'vitest.soak.config.ts',
        'test/support/postgres.ts',
        // holds a configuration for the Serverless CLI
        'test/support/offline.ts',
      ]),
    ).toEqual([])
  })
  it('tell which tests need a service: those run elsewhere, every case of theirs by its name', () => {
    const tests = sources.filter(({ path }) => path.endsWith('.test.ts'))
    const needing = tests.filter(({ path }) => path.endsWith('.services.test.ts'))
    expect(needing.length).toBeGreaterThan(10)
    const unmarked = needing.flatMap(({ path, text }) =>
      [...text.matchAll(/^(describe|it)\b.*$/gm)]
        .filter(([line]) => !line.startsWith('describeOnPostgres(') && !serviceCases.test(line))
        .map(([line]) => `${path}: ${line}`),
    )
    expect(unmarked).toEqual([])
    const others = tests.filter(file => !needing.includes(file))
    const services = /support\/(pgbouncer|postgres)\.ts'|playwright-core|inject\('postgres'\)/
    expect(matching(others, services, ['test/layout.test.ts'])).toEqual([])
  })
  it('leave nothing for later', () => {
    const later = new RegExp(['TO', 'DO|FIX', 'ME'].join(''))
    // a category of Huawei's notifications is called so
    const named = ['sandbox/vendors/huawei/message.ts', 'test/sandbox/push-kit.test.ts']
    expect(matching(sources, later, named)).toEqual([])
  })
})

describe.each(['README.md', 'README.zh-CN.md'])('%s', readme => {
  it('names every environment variable that config.ts reads, and no other', () => {
    const read = [...textOf('shared/config.ts').matchAll(/\bread(?:<[^(]*>)?\(\s*'([A-Z_]+)'/g)].map(([, name]) => name)
    expect(read.length).toBeGreaterThan(3)
    const rows = [...textOf(readme).matchAll(/^\| `([A-Z][A-Z_]+)`/gm)].map(([, name]) => name)
    expect(new Set(rows)).toEqual(new Set(read))
  })
  it('names every vendor, and only commands that exist', () => {
    const text = textOf(readme)
    for (const words of ['TPNS', 'Push Kit', 'npm ci && npm start', 'npm ci && npm test']) expect(text).toContain(words)
    const scripts = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(scripts.filter(name => !Object.hasOwn(packageJson.scripts, name))).toEqual([])
  })
})
