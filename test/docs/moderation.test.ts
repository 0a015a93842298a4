/** The examples of docs/moderation: each secret is valid, and each line does what the text says. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sign } from '../../sandbox/sign.ts'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { endpointsOf } from '../../shared/moderation/endpoint.ts'
import { allSources } from '../../shared/moderation/sources.ts'
import { details, shapes, withoutBlock } from '../moderation/shapes.ts'
import { endpointOf, open, signerOf } from '../moderation/subjects.ts'
import { type Service, startService } from '../support/service.ts'

const sources = await allSources()
const endpointSchema = endpointsOf(sources)

const read = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const [english, chinese] = await Promise.all([read('moderation.md'), read('moderation.zh-CN.md')])
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block)
const secrets: { readonly [name: string]: object } = Object.assign(
  {},
  ...blocks(english, 'json').map(block => JSON.parse(block) as object),
)
const lines = blocks(english, 'sh').flatMap(block => block.trim().split('\n'))

it('say the same in both languages', () => {
  expect(blocks(chinese, 'json').map(block => JSON.parse(block) as unknown)).toEqual(
    blocks(english, 'json').map(block => JSON.parse(block) as unknown),
  )
  expect(blocks(chinese, 'sh')).toEqual(blocks(english, 'sh'))
  expect(chinese.match(/^## /gm)?.length).toBe(english.match(/^## /gm)?.length)
})

it.each(Object.entries(secrets))('%s is a document that an endpoint can be', (name, document) => {
  expect(name).toMatch(/^unpush\/webhooks\/e_[a-z]+$/)
  expect(() => endpointSchema.parse(document)).not.toThrow()
})

describe('what is read of each source', () => {
  /** Source → places of the content and of the block, as the table has them. */
  const tableIn = (text: string) =>
    new Map(
      [...text.matchAll(/^\| `([a-z-]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].map(row => [
        row[1] ?? '',
        [row[3], row[4]].map(cell => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(match => match[1] ?? '').sort()),
      ]),
    )
  const placesOf = (name: string) =>
    (['content', 'verdict'] as const).map(member =>
      [...new Set(shapes.filter(({ source }) => source === name).map(shape => shape[member]))].sort(),
    )

  it.each([
    ['English', english],
    ['Chinese', chinese],
  ])('is what the table says (%s)', (_language, text) => {
    const table = tableIn(text)
    expect([...table.keys()].sort()).toEqual(sources.map(({ name }) => name).sort())
    for (const { name } of sources) expect(table.get(name), name).toEqual(placesOf(name))
  })

  it('is all that is read', () => {
    for (const { name, members } of sources) {
      const told = placesOf(name)
        .flat()
        .flatMap(place => place.replaceAll('[]', '').split('.'))
      const rest = (details[name] ?? '').split(' ').filter(Boolean)
      expect([...members].sort(), name).toEqual([...new Set([...told, ...rest])].sort())
    }
  })

  const endpoints = new Map(
    sources.map(({ name }) => {
      const secret = makeSignerSecret(name)
      return [name, { secret, endpoint: endpointOf(name, publishedSecret(secret)) }]
    }),
  )
  const blocks = (name: string, document: unknown) => {
    const { secret = {}, endpoint } = endpoints.get(name) ?? {}
    if (endpoint === undefined) throw new Error(name)
    const opened = open(endpoint, signerOf(name).sign(JSON.stringify(document), secret))
    // as it would act if somebody vouched for it
    return opened?.verdicts.filter(one => endpoint.operationFor(one, true) !== null).map(({ content }) => content) ?? []
  }

  it.each(shapes.map(shape => [`${shape.source}: ${shape.verdict} about ${shape.content}`, shape] as const))(
    '%s',
    (_told, shape) => {
      expect(blocks(shape.source, shape.document)).toEqual(['42'])
      expect(blocks(shape.source, withoutBlock(shape))).toEqual([])
    },
  )
})

describe('the lines', () => {
  let folder: string
  let service: Service
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpush-docs-'))
    await writeFile(join(folder, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 })
    service = await startService({ secrets })
  })
  afterAll(async () => {
    await service.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('are one for each source that signs with what a text can show', () => {
    expect(lines).toHaveLength(8)
  })

  it.each(lines)('%s', async line => {
    const words = line.replace(/^npm run sign -- /, '').replace('secrets.json', join(folder, 'secrets.json'))
    const [source] = words.split(' ')
    const answer = await sign([...words.split(' '), '--url', service.url])
    expect(answer).toBe(source === 'netease-yidun' ? '200 {"code":200}' : '200 {"received":true}')
    const { body } = await service.call('GET', '/v1/verdicts?limit=1')
    expect(body.items[0]).toMatchObject({ source, content: 'article:42' })
    expect(body.items[0].operation).toBe(source === 'aliyun-green' ? 'overlay' : 'revoke')
  })
})
