import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createApiKey } from '../shared/access/api-key.ts'
import { createLog, type LogOptions, redact } from '../shared/log.ts'
import { keepWords } from '../shared/redaction.ts'

function record(options: Omit<LogOptions, 'stream'> = {}) {
  const lines: string[] = []
  const log = createLog({ ...options, stream: { write: line => lines.push(line) } })
  const last = (): { [name: string]: unknown } => JSON.parse(lines.at(-1) ?? 'null')
  return { log, lines, last }
}

describe('a line', () => {
  it('is one line of JSON with the names that every line has', () => {
    const { log, lines, last } = record({ version: '1.2.3', now: () => Date.UTC(2026, 0, 2) })
    log.with({ request_id: 'r-1', ts: 'forged' }).warn('slow\nvendor', { duration_ms: 12, at: new Date(0) })
    expect(last()).toEqual({
      ts: '2026-01-02T00:00:00.000Z',
      level: 'warn',
      msg: 'slow\nvendor',
      service: 'unpush',
      version: '1.2.3',
      request_id: 'r-1',
      duration_ms: 12,
      at: '1970-01-01T00:00:00.000Z',
    })
    expect(lines[0]?.match(/\n/g)).toHaveLength(1)
  })

  it('is written from the level asked for', () => {
    const { log, lines } = record({ level: 'error' })
    log.info('a')
    log.warn('b')
    log.error('c')
    expect(lines).toHaveLength(1)
    const silent = record({ level: 'silent' })
    silent.log.error('d')
    expect(silent.lines).toEqual([])
  })

  it('describes an error with its code and its causes', () => {
    const { log, last } = record()
    const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET' })
    log.error('failed', { error: new Error('outer', { cause }) })
    expect(last()['error']).toMatchObject({
      type: 'Error',
      message: 'outer',
      stack: expect.stringContaining('log.test.ts'),
      cause: { type: 'TypeError', message: 'inner', code: 'ECONNRESET' },
    })
  })

  it('survives any value', () => {
    const { log, lines, last } = record()
    const circle: { [name: string]: unknown } = {
      big: 2n ** 64n,
      bytes: Buffer.alloc(3),
      call: () => 1,
      none: undefined,
    }
    circle['self'] = circle
    log.info('x', { circle, date: new Date(Number.NaN) })
    expect(last()['circle']).toMatchObject({ big: '18446744073709551616', bytes: '[3 bytes]' })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true })), fields => {
        log.info('any', fields)
        expect(last()['msg']).toBe('any')
      }),
    )
    expect(lines.every(line => line.endsWith('}\n'))).toBe(true)
  })
})

describe('a registered secret', () => {
  const secret = `s/+"\\ ${randomBytes(24).toString('base64')} 密钥`
  redact(secret)
  const before = (bytes: number) => Buffer.from(`${'x'.repeat(bytes)}${secret}tail`)
  const forms: { readonly [form: string]: string } = {
    'as it is': secret,
    'inside a text': `key=${secret};`,
    'escaped for JSON': JSON.stringify({ secret }),
    'escaped for a URL': `https://example.com/?key=${encodeURIComponent(secret)}&x=1`,
    'escaped for a form': new URLSearchParams({ secret }).toString(),
    'as base64': before(0).toString('base64'),
    'as base64 one byte on': before(1).toString('base64'),
    'as base64 two bytes on': before(2).toString('base64'),
    'as base64url': before(4).toString('base64url'),
    'as hex': before(3).toString('hex'),
    'as upper-case hex': before(3).toString('hex').toUpperCase(),
  }

  it.each(Object.entries(forms))('is not written %s', (_form, text) => {
    const { log, lines } = record()
    log.info(text, { text, list: [{ text }], [text]: 1, error: new Error(text, { cause: new Error(text) }) })
    const [line = ''] = lines
    expect(line).toContain('[redacted]')
    // What is left of the encoded text is at most its frame; a third of the secret would be found here.
    const core = text.slice(Math.floor(text.length / 3), Math.floor((2 * text.length) / 3))
    expect(line).not.toContain(core)
    expect(line).not.toContain(JSON.stringify(core).slice(1, -1))
    expect(JSON.parse(line)).toBeTypeOf('object')
  })

  it('is not written line by line either', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    redact(pem)
    const { log, lines } = record()
    const some = pem.split('\n').slice(3, 6).join(' ')
    log.info(some, { pem })
    for (const line of pem.split('\n').slice(1, -2)) expect(lines[0]).not.toContain(line)
    expect(createPrivateKey(pem).type).toBe('private')
  })

  it('of fewer than eight characters is not written as a word of its own, and blanks nothing else', () => {
    const { log, last } = record()
    for (const short of ['s3ed', 'k!9#x', '密钥', 'seed 7', 'Ab'] as const) {
      redact(short)
      log.info(`seed ${short}, (${short}) "${short}" key=${short}`, {
        text: short,
        list: [{ text: short }],
        json: JSON.stringify({ short }),
        uri: `/v1/x?seed=${encodeURIComponent(short)}&y`,
        form: new URLSearchParams({ short }).toString(),
        hex: Buffer.from(short).toString('hex'),
        base64: Buffer.from(short).toString('base64'),
        error: new Error(short, { cause: new Error(short) }),
      })
      const line = JSON.stringify(last())
      if (short.length > 2) {
        expect(line).not.toContain(JSON.stringify(short).slice(1, -1))
        expect(line).not.toContain(encodeURIComponent(short))
        expect(line).not.toContain(Buffer.from(short).toString('hex'))
        expect(line).not.toContain(Buffer.from(short).toString('base64').replaceAll('=', ''))
      }
      // below three characters it is any word's part: it is taken out where it is all that is said
      expect(last()).toMatchObject({ text: '[redacted]', list: [{ text: '[redacted]' }] })
    }
    log.info('recall admitted', { recall_id: 'rcl_s3ed1', app: 'news-s3edling', short: 'As3ed s3ed_ 1s3ed', n: 5 })
    expect(last()).toMatchObject({ recall_id: 'rcl_s3ed1', app: 'news-s3edling', short: 'As3ed s3ed_ 1s3ed', n: 5 })
  })

  it('that is one of our own words gives nothing away, and leaves the log as it is', () => {
    const words = ['revoke', 'info', 'done', 'tpns', 'GET', 'key', 'true']
    keepWords(['tpns'])
    for (const word of words) redact(word)
    const { log, last } = record()
    for (const word of words) {
      log.info(`recall ${word}`, { operation: word })
      expect(last()).toMatchObject({ level: 'info', msg: `recall ${word}`, operation: word })
    }
  })

  it('of any length never leaves as a value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 16 }), value => {
        const { log, last } = record()
        redact(value)
        log.info('x', { value, inside: [`(${value})`] })
        const ours = 'info warn error stop revoke read act sent done none key true null timer'.split(' ')
        if (!ours.includes(value)) expect(last()['value']).toContain('[redacted]')
      }),
      { numRuns: 300 },
    )
  })
})

describe('what nobody registers', () => {
  it('is found where the plain pattern finds it, which would take long over many beginnings of a token', async () => {
    // what others registered here may be one of the parts
    vi.resetModules()
    const { redacted } = await import('../shared/redaction.ts')
    const plain = /\bunpush_[\w-]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g
    const part = fc.constantFrom('eyJ', 'unpush_', '.', '-', '_', ' ', 'a', 'é', 'abcdefghijklmnopqrstu', 'b.c')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), parts => {
        const text = parts.join('')
        expect(redacted(text)).toBe(text.replace(plain, '[redacted]'))
      }),
      { numRuns: 3000 },
    )
  })
  it('API keys and JWTs are known by their shape', () => {
    const { key } = createApiKey()
    const jwt = [1, 2, 3]
      .map(() => Buffer.from(`{"a":"${randomBytes(9).toString('hex')}"}`).toString('base64url'))
      .join('.')
    const { log, lines } = record()
    log.info(`Bearer ${key}`, { jwt: `Bearer ${jwt}` })
    expect(lines[0]).not.toContain(key.slice(10, 30))
    expect(lines[0]).not.toContain(jwt.slice(4, 30))
  })
})
