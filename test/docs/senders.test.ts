/** The programs of docs/senders, each run for real where its language is on this machine: asked first, streamed, stopped in mid-flight. */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { signerOf } from '../moderation/subjects.ts'
import { type Service, startService } from '../support/service.ts'

const read = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const [english, chinese] = await Promise.all([read('senders.md'), read('senders.zh-CN.md')])
const blocksIn = (text: string) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = '', code = '']) => ({ language, code }))

/** What a program is kept as, how it is run, and what tells that its language is there. */
const programs = [
  {
    language: 'bash',
    file: 'sender.sh',
    command: ['bash'],
    needs: [
      ['curl', '--version'],
      ['jq', '--version'],
    ],
  },
  { language: 'js', file: 'sender.mjs', command: [process.execPath], needs: [] },
  { language: 'python', file: 'sender.py', command: ['python3'], needs: [['python3', '--version']] },
  { language: 'java', file: 'Sender.java', command: ['java'], needs: [['javac', '-version']] },
  { language: 'go', file: 'sender.go', command: ['go', 'run'], needs: [['go', 'version']] },
] as const
const isThere = ([command, ...words]: readonly string[]) => spawnSync(command ?? '', words).status === 0

it('say the same in both languages', () => {
  expect(blocksIn(chinese)).toEqual(blocksIn(english))
  expect(chinese.match(/^#+ /gm)).toHaveLength(english.match(/^#+ /gm)?.length ?? 0)
  expect(blocksIn(english).map(({ language }) => language)).toEqual(['sh', ...programs.map(({ language }) => language)])
})

const secret = `whsec_${randomBytes(32).toString('base64')}`
let folder: string
let service: Service
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpush-senders-'))
  const endpoint = { source: 'standard-webhooks', secret, policy: { block: 'revoke' } }
  service = await startService({ secrets: { 'unpush/webhooks/e_1': endpoint } })
  const found = blocksIn(english)
  for (const { language, file } of programs) {
    await writeFile(join(folder, file), found.find(block => block.language === language)?.code ?? '')
  }
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await service.closeWhole()
})

/** As a shell would start it; resolves once it has ended. */
function start(command: readonly string[], file: string, words: readonly string[]) {
  const [program = '', ...first] = command
  const child = spawn(program, [...first, file, ...words], {
    cwd: folder,
    env: { ...process.env, UNPUSH_URL: service.url, UNPUSH_KEY: service.keys.sender },
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  // it may have stopped before it read all of them
  child.stdin.on('error', () => {})
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  return {
    said,
    ended,
    /** Rejects where it ends before it has said so. */
    says: (out: string) =>
      Promise.race([
        vi.waitUntil(() => said.out === out, { timeout: 100_000, interval: 20 }),
        ended.then(code => Promise.reject(new Error(`${file} ended with ${code}: ${JSON.stringify(said)}`))),
      ]),
    feed: (tokens: readonly string[]) => child.stdin.write(tokens.map(token => `${token}\n`).join('')),
    end: () => child.stdin.end(),
  }
}

const tokens = (count: number) => Array.from({ length: count }, () => `${randomBytes(45).toString('base64url')}+/=`)
const block = async (content: string) => {
  const text = JSON.stringify({ type: 'moderation.verdict', data: { content, verdict: 'block' } })
  const { headers, body } = signerOf('standard-webhooks').sign(text, { secret })
  const sent = { role: null, headers, raw: new Uint8Array(body) }
  expect((await service.call('POST', '/v1/webhooks/e_1', undefined, sent)).status).toBe(200)
}
/** `go run` gives 1 for whatever its program ends with, and says that. */
const exitOf = (code: number | null, { err }: { readonly err: string }) =>
  Number(/exit status (\d+)/.exec(err)?.[1] ?? code)

describe.each(programs)('$file', ({ language, file, command, needs }) => {
  const missing = needs.filter(need => !isThere(need)).map(([name]) => name)
  const isMissing = missing.length > 0
  const told = isMissing ? ` (not tried: no ${missing.join(' and no ')} here)` : ''
  // the first start compiles
  const patience = 120_000

  it.skipIf(isMissing)(
    `registers, and sends all${told}`,
    async () => {
      const run = start(command, file, [`all-${language}`, `fine:${language}`])
      const sent = tokens(1250)
      run.feed([...sent, ...sent.slice(0, 3)])
      run.end()
      expect([exitOf(await run.ended, run.said), run.said]).toEqual([0, { out: 'sent 1000\nsent 253\n', err: '' }])
      const plan = await service.call('POST', '/v1/revoke', { content: `fine:${language}`, dryRun: true })
      expect(plan.body).toMatchObject({ devices: 1250, targets: [{ notifyId: 1_234_567 }] })
    },
    patience,
  )

  it.skipIf(isMissing)(
    `sends nothing of what is held${told}`,
    async () => {
      await block(`bad:${language}`)
      const run = start(command, file, [`held-${language}`, `bad:${language}`])
      run.feed(tokens(10))
      run.end()
      expect([exitOf(await run.ended, run.said), run.said.out]).toEqual([3, ''])
      const { body } = await service.call('GET', `/v1/holds?content=bad:${language}`)
      expect(run.said.err).toContain(`held by ${body.holds[0].verdict}`)
      expect((await service.call('GET', `/v1/messages/held-${language}`)).status).toBe(404)
    },
    patience,
  )

  it.skipIf(isMissing)(
    `stops where a recall comes in between, and covers what was on its way${told}`,
    async () => {
      const run = start(command, file, [`race-${language}`, `race:${language}`])
      run.feed(tokens(1000))
      await run.says('sent 1000\n')
      const asked = { message: `race-${language}`, reason: 'r' }
      const recall = await service.call('POST', '/v1/revoke', asked, { headers: { prefer: 'wait=5' } })
      run.feed(tokens(1500))
      run.end()
      expect([exitOf(await run.ended, run.said), run.said.out]).toEqual([3, 'sent 1000\n'])
      expect(run.said.err).toContain(`held by ${recall.body.id}`)
      await vi.waitFor(async () => {
        const { body } = await service.call('GET', `/v1/recalls/${recall.body.id}`)
        expect(body.devices).toMatchObject({ total: 2000, pending: 0 })
      }, patience / 2)
    },
    patience,
  )

  it.skipIf(isMissing)(
    `finds at its end that a recall came${told}`,
    async () => {
      const run = start(command, file, [`late-${language}`, `late:${language}`])
      run.feed(tokens(1000))
      await run.says('sent 1000\n')
      const { body } = await service.call('POST', '/v1/revoke', { message: `late-${language}`, reason: 'r' })
      run.end()
      expect(exitOf(await run.ended, run.said)).toBe(3)
      expect(run.said.err).toContain(`held by ${body.id}`)
    },
    patience,
  )
})

it('adds the id that a vendor made, and hears of the recall that came before it', async () => {
  const [line = ''] = blocksIn(english)
    .filter(({ language }) => language === 'sh')
    .map(({ code }) => code)
  await service.call('POST', '/v1/messages', { id: 'promo-2026-11-23' }, { role: 'sender' })
  service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: '43214535' })
  const env = { ...process.env, UNPUSH_URL: service.url, UNPUSH_KEY: service.keys.sender }
  const { body: recall } = await service.call('POST', '/v1/revoke', { message: 'promo-2026-11-23', reason: 'r' })
  const child = spawn('bash', ['-c', line], { env })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  await new Promise(resolve => child.on('close', resolve))
  expect(JSON.parse(out)).toMatchObject({ recall: { id: recall.id }, targets: [{ pushId: '43214535' }] })
})
