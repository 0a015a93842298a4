/** `npm run sign`: what it prints and sends is taken for genuine by the service. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sign } from '../../sandbox/sign.ts'
import { signers } from '../../sandbox/signers.ts'
import { allSources } from '../../shared/moderation/sources.ts'
import { type Moderated, startModerated } from '../moderation/moderated-service.ts'

const sources = await allSources()

let service: Moderated
let folder = ''
beforeAll(async () => {
  service = await startModerated()
  folder = await mkdtemp(join(tmpdir(), 'unpush-sign-'))
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true, force: true })
})

/** The words that name an endpoint of the service and its secret. */
async function wordsFor(source: string): Promise<string[]> {
  const { id = '', secret = {} } = service.endpoints[source] ?? {}
  const members = signers[source]?.members ?? []
  const pairs = await Promise.all(
    members.map(async member => {
      const value = secret[member] ?? ''
      if (!value.includes('\n')) return `${member}=${value}`
      await writeFile(join(folder, member), value)
      return `${member}=@${join(folder, member)}`
    }),
  )
  return [source, '--endpoint', id, '--url', service.url, ...pairs.flatMap(pair => ['--secret', pair])]
}

it('has a signer for every source', () => {
  expect(Object.keys(signers)).toEqual(sources.map(({ name }) => name))
})

describe.each(Object.keys(signers))('a delivery of %s', source => {
  it('is sent, and taken', async () => {
    const answer = await sign([...(await wordsFor(source)), '--content', `sent:${source}`, '--send'])
    const acknowledgement = JSON.stringify(sources.find(({ name }) => name === source)?.acknowledgement)
    expect(answer).toBe(`200 ${acknowledgement}`)
    expect(await service.verdicts(`content=sent:${source}`)).toHaveLength(1)
  })
  it('is printed as a line that a shell reads as it was meant', async () => {
    const content = `it's "${source}" $(date) \`x\` \\ 文`
    const line = await sign([...(await wordsFor(source)), '--content', content, '--verdict', 'review'])
    // what curl would be called with
    const output = execFileSync('sh', ['-c', `curl() { for word; do printf '%s\\0' "$word"; done; }; ${line}`])
    const words = output.toString().split('\0')
    const headers = words.flatMap((word, index) => (word === '-H' ? [(words[index + 1] ?? '').split(/: (.*)/s)] : []))
    const body = words[words.indexOf('--data-binary') + 1] ?? ''
    const url = new URL(words.at(-2) ?? '')
    const urlKey = url.searchParams.get('key')
    const reply = await service.deliver(source, {
      headers: Object.fromEntries(headers.map(([name = '', value = '']) => [name, value])),
      body: Buffer.from(body),
      ...(urlKey === null ? {} : { urlKey }),
    })
    expect(reply.status).toBe(200)
    expect(url.origin + url.pathname).toBe(`${service.url}/v1/webhooks/${service.endpoints[source]?.id}`)
    expect(await service.verdicts(`content=${encodeURIComponent(content)}`)).toHaveLength(1)
  })
})

describe('the secret', () => {
  it('is read from the file of SECRETS=file:<path>, the first of two', async () => {
    const { id, secret } = service.endpoints['aliyun-green'] ?? {}
    const file = join(folder, 'secrets.json')
    const old = { uid: 'old', seed: 'old' }
    for (const filed of [secret, [secret, old], { uid: [secret?.['uid'], 'old'], seed: [secret?.['seed'], 'old'] }]) {
      await writeFile(file, JSON.stringify({ [`unpush/webhooks/${id}`]: { source: 'aliyun-green', secret: filed } }))
      const words = ['aliyun-green', '--endpoint', id ?? '', '--secrets', file, '--url', service.url]
      expect(await sign([...words, '--content', 'x', '--send'])).toBe('200 {"received":true}')
    }
  })
  it('may be a bare text', async () => {
    const { id, secret } = service.endpoints['standard-webhooks'] ?? {}
    const file = join(folder, 'bare.json')
    await writeFile(file, JSON.stringify({ [`unpush/webhooks/${id}`]: { secret: secret?.['secret'] } }))
    const words = ['standard-webhooks', '--endpoint', id ?? '', '--secrets', file, '--url', service.url]
    expect(await sign([...words, '--content', 'x', '--send'])).toBe('200 {"received":true}')
  })
})

describe('what is wrong', () => {
  it.each([
    ['nothing', [], /npm run sign -- <source>[\s\S]*roost-coop/],
    ['an unknown source', ['nobody', '--endpoint', 'e'], /There is no source "nobody"/],
    ['an unknown option', ['tencent-ams', '--colour', 'red'], /--colour/],
    ['no endpoint', ['tencent-ams'], /--endpoint/],
    ['no secret', ['tencent-ams', '--endpoint', 'e', '--content', 'x'], /Without seed there is no signing/],
    ['no content', ['tencent-ams', '--endpoint', 'e', '--secret', 'seed=s'], /--content/],
    [
      'a verdict that is none',
      ['tencent-ci', '--endpoint', 'e', '--content', 'x', '--secret', 'urlSecret=u', '--verdict', 'no'],
      /block, review or pass/,
    ],
    [
      'a file that is not there',
      ['tencent-ams', '--endpoint', 'e', '--secrets', 'none.json'],
      /none\.json cannot be read/,
    ],
    [
      'nobody who answers',
      [
        'tencent-ams',
        '--endpoint',
        'e',
        '--content',
        'x',
        '--secret',
        'seed=s',
        '--url',
        'http://127.0.0.1:1',
        '--send',
      ],
      /Nothing answers at/,
    ],
  ])('is said in words: %s', async (_what, words, says) => {
    await expect(sign(words)).rejects.toThrow(says)
  })
})
