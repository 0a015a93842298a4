/** docs/contract.md: what it promises is what the code does, and every section that a comment cites is there. */
import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { operations } from '../../dashboard/operations.ts'
import { recallStates } from '../../shared/api-schemas.ts'
import { Problem, type ProblemSlug } from '../../shared/errors.ts'
import { type FunctionEntry, functions, type Role, rightsOf } from '../../shared/functions.ts'
import { endpointsOf } from '../../shared/moderation/endpoint.ts'
import { allSources } from '../../shared/moderation/sources.ts'
import { accessSchema } from '../../shared/secrets/access-document.ts'
import { defaultPolicy, policySchema } from '../../shared/secrets/documents.ts'
import { isSecretName } from '../../shared/secrets/source.ts'
import { eventTypes } from '../../shared/webhooks/events.ts'
import { readSources } from '../support/sources.ts'

const contract = await readFile(new URL('../../docs/contract.md', import.meta.url), 'utf8')
const sources = await readSources()

const headings = new Set([...contract.matchAll(/^#{2,3} (\d(?:\.\d)?)\.? /gm)].map(([, number = '']) => number))
/** Text below the heading that begins so, up to the next of its kind. */
const section = (heading: string) =>
  (contract.split(new RegExp(`^${heading}\\b.*$`, 'm'))[1] ?? '').split(/^#{2,3} /m)[0] ?? ''
const codes = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
const rowsIn = (text: string) =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | ')).filter(([first]) => first !== '---')
const jsonIn = (text: string) => [...text.matchAll(/^```json\n([^]*?)^```/gm)].map(([, block = '']) => block)

describe('citations', () => {
  it('of its sections name one that there is', () => {
    const cited = sources
      .filter(({ path }) => path !== 'docs/contract.md' && path !== 'CHANGELOG.md')
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\bcontract((?:,? §[\d.]+)+)/g)].flatMap(([, list = '']) =>
          [...list.matchAll(/\d(?:\.\d)?/g)].map(([number]) => ({ path, number })),
        ),
      )
    expect(cited.length).toBeGreaterThan(20)
    expect(cited.filter(({ number }) => !headings.has(number))).toEqual([])
  })
  it('inside it name one that there is', () => {
    const cited = [...contract.matchAll(/§(\d(?:\.\d)?)/g)].map(([, number]) => number)
    expect(cited.filter(number => number === undefined || !headings.has(number))).toEqual([])
  })
  it('of documents name one that there is', async () => {
    const there = new Set((await readdir(new URL('../../docs/', import.meta.url))).map(name => `docs/${name}`))
    const cited = sources
      .filter(({ path }) => /\.(ts|tsx|yml)$/.test(path))
      .flatMap(({ path, text }) => [...text.matchAll(/\bdocs\/[\w.-]+\.md\b/g)].map(([name]) => ({ path, name })))
    expect(cited.length).toBeGreaterThan(5)
    expect(cited.filter(({ name }) => !there.has(name))).toEqual([])
  })
  it('of what is written for people name a document that is in the repository', () => {
    const strange = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/\b(console|reliability|platform|architecture|style|vendors)\.md §/g)].map(() => path),
    )
    expect(strange.filter(path => path !== 'test/docs/contract.test.ts')).toEqual([])
  })
})

describe('what it lists', () => {
  const served = Object.values<FunctionEntry>(functions).flatMap(({ routes }) => routes)
  const tables = rowsIn(section('## 4'))

  it('are all routes, each with the roles that may ask it', () => {
    const told = new Map(
      tables.flatMap(([routes = '', roles = '']) =>
        codes(routes)
          .filter(route => /^[A-Z]+ \//.test(route))
          .map(route => [route, roles] as const),
      ),
    )
    expect([...told.keys()].sort()).toEqual(served.map(({ method, path }) => `${method} ${path}`).sort())
    for (const { method, path, right } of served) {
      const roles = told.get(`${method} ${path}`) ?? ''
      if (right === null) {
        expect(['none', 'its signature'], path).toContain(roles)
        continue
      }
      const may = (Object.keys(rightsOf) as Role[]).filter(role => rightsOf[role].includes(right))
      if (roles === 'any role') expect(may.length, path).toBe(Object.keys(rightsOf).length)
      else {
        for (const role of roles.split(', ')) expect(may, path).toContain(role)
        // roles that hold another one's rights need not be told again
        const told = roles.split(', ')
        const above: { readonly [R in Role]: readonly Role[] } = {
          sender: ['operator'],
          viewer: ['operator', 'approver', 'admin'],
          operator: [],
          approver: [],
          admin: [],
        }
        expect(
          may.filter(role => !told.includes(role) && !told.some(one => above[one as Role].includes(role))),
          path,
        ).toEqual([])
      }
    }
  })
  it('are all roles', () => {
    const roles = tables.map(([first = '']) => codes(first)[0] ?? '').filter(role => Object.hasOwn(rightsOf, role))
    expect(roles).toEqual(Object.keys(rightsOf))
  })
  it('are all problems with their status', () => {
    const told = rowsIn(section('### 4\\.3')).slice(1)
    expect(told.length).toBe(Object.keys(problemsIn()).length)
    for (const [slug = '', status] of told)
      expect(String(new Problem(codes(slug)[0] as ProblemSlug, '').status)).toBe(status)
  })
  it('are all states of a recall', () => {
    const told = /\*\*States\*\*([^]*?)A recall that cannot move/.exec(section('### 4\\.2'))?.[1] ?? ''
    expect(codes(told).filter(word => word !== 'giveUpAt')).toEqual([...recallStates])
  })
  it('are all events', () => {
    const told = codes(section('### Events')).filter(word => word.includes('.'))
    expect(told.sort()).toEqual([...eventTypes].sort())
  })
  it('are all secrets that a function reads, and none that is no name of one', () => {
    const told = rowsIn(section('## 3'))
      .slice(1)
      .map(([name = '']) => codes(name)[0] ?? '')
    const read = Object.values<FunctionEntry>(functions).flatMap(({ secrets }) => secrets)
    const generic = (name: string) => name.replace(/<\w+>/, '*')
    expect(read.filter(name => !told.map(generic).includes(name))).toEqual([])
    expect(told.filter(name => !isSecretName(name.replace(/<\w+>/, 'x')))).toEqual([])
  })
  it('are all moderation sources, each with the members of its secret', async () => {
    const told = new Map(
      rowsIn(section('## 7'))
        .slice(1)
        .map(([source = '', members = '']) => [codes(source)[0] ?? '', codes(members.replaceAll(/\([^)]*\)/g, ''))]),
    )
    const all = await allSources()
    expect([...told.keys()].sort()).toEqual(all.map(({ name }) => name).sort())
    // what the schema does not know it names
    for (const { name, secret } of all) {
      const made = Object.fromEntries((told.get(name) ?? []).map(member => [member, 0]))
      const issuesOf = (document: object) => secret.safeParse(document).error?.issues ?? []
      expect(
        issuesOf(made).filter(({ code }) => code === 'unrecognized_keys'),
        name,
      ).toEqual([])
      const required = issuesOf({}).map(({ path }) => String(path[0]))
      expect(
        required.filter(member => !Object.hasOwn(made, member)),
        name,
      ).toEqual([])
    }
  })
  it('are scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    const told = [...contract.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(told.filter(name => !Object.hasOwn(scripts, name))).toEqual([])
  })
})

describe('what it shows', () => {
  it('of requests is taken', () => {
    const requests = jsonIn(`${section('### 4\\.1')}${section('### 4\\.2')}`).flatMap(block =>
      [...block.matchAll(/^([A-Z]+ \/\S+)\n([^]*?)(?=^[A-Z]+ \/|(?![^]))/gm)].map(([, route = '', body = '']) => ({
        route,
        body: JSON.parse(body) as unknown,
      })),
    )
    expect(requests.length).toBeGreaterThan(6)
    for (const { route, body } of requests)
      expect(operations[route]?.body?.schema.safeParse(body).error, route).toBeUndefined()
  })
  it('of access and of an endpoint is taken', async () => {
    const [access] = jsonIn(section('### Access'))
    expect(accessSchema().safeParse(JSON.parse(access ?? '')).error).toBeUndefined()
    const [endpoint] = jsonIn(section('## 7'))
    expect(endpointsOf(await allSources()).safeParse(JSON.parse(endpoint ?? '')).error).toBeUndefined()
  })
  it('of the policy are the defaults, all of them', () => {
    const [policy = ''] = jsonIn(section('### Policy'))
    expect(JSON.parse(policy)).toEqual(defaultPolicy)
    expect(policySchema().parse(JSON.parse(policy))).toEqual(defaultPolicy)
  })
})

/** As `errors.ts` writes them. */
function problemsIn(): { readonly [slug: string]: true } {
  const text = sources.find(({ path }) => path === 'shared/errors.ts')?.text ?? ''
  const table = /const problems = \{([^]*?)\n\} as const/.exec(text)?.[1] ?? ''
  return Object.fromEntries([...table.matchAll(/^ {2}'?([\w-]+)'?: \{ status/gm)].map(([, slug = '']) => [slug, true]))
}
