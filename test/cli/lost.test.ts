/** Answers that never came: the same key again, and one recall however often. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { baseOf } from '../../cli/api.ts'
import { type Service, startService } from '../support/service.ts'
import { commandLine } from '../support/command-line.ts'

let service: Service
let proxy: Server
let url = ''
/** Answers to starts that are cut off; the service has worked on them. */
let cuts = 0
const keys: string[] = []

beforeAll(async () => {
  service = await startService()
  proxy = createServer((incoming, outgoing) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const body = Buffer.concat(parts)
      const starts = incoming.url === '/v1/revoke' && !body.includes('"dryRun":true')
      if (starts) keys.push(String(incoming.headers['idempotency-key']))
      const cut = starts && cuts > 0
      if (cut) cuts -= 1
      const forward = request(
        `${service.url}${incoming.url}`,
        { method: incoming.method ?? 'GET', headers: incoming.headers },
        reply => {
          if (cut) {
            reply.resume()
            incoming.socket.destroy()
            return
          }
          outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
          reply.pipe(outgoing)
        },
      )
      forward.end(body)
    })
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
afterAll(async () => {
  proxy.closeAllConnections()
  await new Promise(resolve => proxy.close(resolve))
  await service.closeWhole()
})
beforeEach(() => {
  cuts = 0
  keys.length = 0
})

let next = 40_000
async function message(): Promise<string> {
  const notifyId = next++
  const tokens = service.sandbox.harmonyTokens().slice(0, 2)
  const id = `m-${notifyId}`
  await service.call('POST', '/v1/messages', { id, targets: [{ app: 'news-harmony', notifyId, tokens }] })
  return id
}
const unpush = (argv: readonly string[]) =>
  commandLine(argv, { variables: { UNPUSH_URL: url, UNPUSH_KEY: service.keys.operator } })
const recallsOf = async (id: string) => (await service.call('GET', `/v1/recalls?message=${id}`)).body.items

describe('a start whose answer is cut off', () => {
  it.each([1, 2, 4])('%i times is one recall, under one key', async times => {
    const id = await message()
    cuts = times
    const ended = await unpush(['revoke', '--message', id, '--reason', 'r', '--yes', '--wait', '--json'])
    expect([ended.exit, new Set(keys).size, keys.length]).toEqual([0, 1, times + 1])
    expect((await recallsOf(id)).map((recall: { id: string }) => recall.id)).toEqual([ended.json.id])
  })

  it('five times ends with the line that repeats it, which then takes effect once', async () => {
    const id = await message()
    cuts = 5
    const lost = await unpush(['revoke', '--message', id, '--reason', 'it’s a "wrong" link', '--yes'])
    expect([lost.exit, lost.out, keys.length]).toEqual([1, '', 5])
    const [, line = ''] = /→ (unpush revoke .*--idempotency-key .*)\n/.exec(lost.err) ?? []
    const again = await unpush([...wordsOf(line).slice(1), '--json'])
    expect([again.exit, again.json.reason, new Set(keys).size]).toEqual([0, 'it’s a "wrong" link', 1])
    expect((await recallsOf(id)).length).toBe(1)
  })

  it('is met by that line also where the plan has changed since, and by no other command with its key', async () => {
    const text = ['--title', 't', '--body', 'b', '--options', '-']
    const input = JSON.stringify({ huawei: { category: 'MARKETING' } })
    for (const [command, ...flags] of [['revoke'], ['correct', ...text]]) {
      const id = await message()
      const argv = [command ?? '', '--message', id, '--yes', '--wait', ...flags]
      const as = (more: readonly string[]) =>
        commandLine([...argv, ...more], { input, variables: { UNPUSH_URL: url, UNPUSH_KEY: service.keys.operator } })
      cuts = command === 'revoke' ? 5 : 0
      const first = await as(['--reason', 'r', '--idempotency-key', id])
      expect(first.exit).toBe(command === 'revoke' ? 1 : 0)
      const tokens = service.sandbox.harmonyTokens().slice(2, 9)
      await service.call('POST', `/v1/messages/${id}/tokens`, { app: 'news-harmony', tokens })
      const again = await as(['--reason', 'r', '--idempotency-key', id])
      const [recall, ...others] = await recallsOf(id)
      expect([again.exit, others], again.err).toEqual([0, []])
      expect([again.out, again.err]).toEqual([
        expect.stringContaining(recall.id),
        expect.stringContaining(`${recall.id} does this already`),
      ])
      const other = await as(['--reason', 'another', '--idempotency-key', id])
      expect([other.exit, other.err]).toEqual([2, expect.stringContaining('Idempotency-Key was used')])
    }
    // by its handle, of which the tokens stand in no answer
    const tokens = service.sandbox.harmonyTokens().slice(0, 3)
    const byHandle = (some: number) =>
      commandLine(
        [
          'revoke',
          '--app',
          'news-harmony',
          '--notify-id',
          '39999',
          '--tokens',
          '-',
          '--reason',
          'r',
          '--yes',
          '--idempotency-key',
          'h',
        ],
        { input: tokens.slice(0, some).join('\n'), variables: { UNPUSH_URL: url, UNPUSH_KEY: service.keys.operator } },
      )
    const ended = [await byHandle(1), await byHandle(1), await byHandle(3)]
    expect(ended.map(({ exit }) => exit)).toEqual([0, 0, 2])
  })
})

/** As a POSIX shell splits a line of words and single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|\\(.)/g,
      (_, quoted: string | undefined, escaped: string | undefined) => quoted ?? escaped ?? '',
    ),
  )
}

describe('functions that have addresses of their own', () => {
  const base = 'https://unpush.example.com'
  it('are asked there, the longest beginning of the path first', () => {
    const bases = {
      '/v1/recalls': 'https://r.example.com',
      '/v1': 'https://v.example.com/x/',
      '/v1/rec': 'https://no.example.com',
    }
    expect(baseOf(base, bases, '/v1/recalls/rcl_1')).toBe('https://r.example.com')
    expect(baseOf(base, bases, '/v1/recallsx')).toBe('https://v.example.com/x')
    expect(baseOf(base, bases, '/readyz')).toBe(base)
    expect(baseOf(base, undefined, '/v1/me')).toBe(base)
  })
  it('never get a key over an open wire from a service that is reached safely', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ validSchemes: ['http'] }), fc.string(), fc.constant('javascript:alert(1)')),
        text => {
          const found = baseOf(base, { '/v1': text }, '/v1/me')
          expect(found === base || found.startsWith('https:')).toBe(true)
        },
      ),
    )
  })
})

describe('a list of push tokens that no request holds', () => {
  it('is registered in parts after the question, and taken back as one message', async () => {
    const seen: { path: string; body: string }[] = []
    const stand = createServer((incoming, outgoing) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.on('end', () => {
        const body = Buffer.concat(parts).toString()
        seen.push({ path: (incoming.url ?? '').replace(/\?.*/, ''), body })
        const plan = {
          dryRun: true,
          approvalNeeded: false,
          devices: 0,
          digest: 'd',
          check: '1',
          reach: { devices: 0, basis: 'exact' },
          targets: [],
        }
        const recall = {
          id: 'rcl_1',
          state: 'done',
          subject: {},
          targets: [],
          devices: null,
          blocked: null,
          approval: null,
        }
        outgoing.setHeader('content-type', 'application/json')
        outgoing.end(JSON.stringify(body.includes('"dryRun":true') ? plan : recall))
      })
    })
    await new Promise<void>(resolve => stand.listen(0, '127.0.0.1', resolve))
    const where = `http://127.0.0.1:${(stand.address() as AddressInfo).port}`
    const tokens = Array.from({ length: 200_002 }, (_, index) => `token-${index}`)
    const input = [...tokens, 'token-1'].join('\n')
    const argv = ['revoke', '--app', 'news-harmony', '--notify-id', '7', '--tokens', '-', '--reason', 'r', '--json']
    const run = (...flags: readonly string[]) =>
      commandLine([...argv, ...flags], { input, variables: { UNPUSH_URL: where, UNPUSH_KEY: 'k' } })
    try {
      const plan = await run('--dry-run')
      expect([plan.exit, plan.json.reach]).toEqual([0, { devices: 200_002, basis: 'exact' }])
      expect((await run('--yes', '--max-devices', '200001')).exit).toBe(9)
      // nothing was registered for what was only looked at
      expect(seen.filter(({ path }) => path.startsWith('/v1/messages'))).toEqual([])
      const started = await run('--yes', '--idempotency-key', 'k1')
      expect(started.exit, started.err).toBe(0)
      const registered = seen.filter(({ path }) => path === '/v1/messages').map(({ body }) => JSON.parse(body))
      const sent = seen
        .filter(({ path }) => path.endsWith('/tokens'))
        .flatMap(({ body }) =>
          body
            .trim()
            .split('\n')
            .map(line => JSON.parse(line)),
        )
      expect(sent).toEqual(tokens)
      const { body } = seen.at(-1) as { body: string }
      expect(JSON.parse(body)).toEqual({ message: registered[0].id, reason: 'r' })
      // the same key is the same message
      await run('--yes', '--idempotency-key', 'k1')
      expect(JSON.parse(seen.at(-1)?.body ?? '').message).toBe(registered[0].id)
    } finally {
      stand.closeAllConnections()
      await new Promise(resolve => stand.close(resolve))
    }
  })
})
