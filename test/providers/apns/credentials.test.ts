import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inputErrors, sentence } from '../../../shared/issues.ts'
import { apns } from '../../../shared/providers/apns/index.ts'
import { document, keys, pem } from './app.ts'

function faultsOf(schema: typeof apns.credentials | typeof apns.target, value: unknown) {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : inputErrors(result.error.issues)
}

const pemOf = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }) =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()
const otherCurve = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)
const rsa = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
const sec1 = keys.privateKey.export({ type: 'sec1', format: 'pem' }).toString()
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()

describe('credentials', () => {
  it.each<[string, object]>([
    ['as it is downloaded', {}],
    ['in SEC1', { privateKey: sec1 }],
    ['with line ends as two characters', { privateKey: pem.replaceAll('\n', '\\n') }],
    ['in one line', { privateKey: pem.replaceAll('\n', ' ') }],
    ['with CR LF', { privateKey: pem.replaceAll('\n', '\r\n') }],
    ['with quotes around it', { privateKey: `"${pem}"` }],
    ['without its first and last line', { privateKey: pem.replaceAll(/-----[A-Z ]+-----/g, '') }],
    [
      'for the sandbox, with a rate and an endpoint',
      { environment: 'sandbox', ratePerSecond: 10, endpoint: 'http://127.0.0.1:1' },
    ],
    ['without removal', { removal: undefined }],
    ['with null for what is optional', { removal: null, endpoint: null, ratePerSecond: null }],
  ])('take the key %s', (_, change) => {
    expect(faultsOf(apns.credentials, { ...document, ...change })).toEqual([])
  })

  const wrong: readonly [member: string, values: readonly unknown[]][] = [
    ['provider', ['tpns', '', 7, undefined]],
    ['teamId', [1_234_567_890, '', 'DEF123GHI', 'DEF123GHIJK', 'DEF 23GHIJ', null, undefined, ['DEF123GHIJ']]],
    ['keyId', [1_234_567_890, '', 'ABC123DEF', 'ABC123DEFGH', 'ABC-23DEFG', undefined]],
    [
      'privateKey',
      ['', 'see the wiki', pem.slice(0, 120), otherCurve, rsa, publicKey, 7, {}, undefined, pem + otherCurve],
    ],
    ['topic', ['', 7, 'com.example.*', 'com.example.app\n', 'x'.repeat(256), undefined]],
    ['environment', ['', 'prod', 'development', true, undefined]],
    ['removal', ['', 'data', 'worker', true]],
    ['endpoint', ['', 'http://api.push.apple.com', 'api.push.apple.com', 7]],
    ['ratePerSecond', [0, -1, '500', true]],
    // of others
    ['serviceAccount', [{}]],
    ['accessId', ['1500000001']],
    ['region', ['guangzhou']],
  ]
  it.each(wrong)('refuse a wrong %s in a line that names it, and nothing of what it says', (member, values) => {
    for (const value of values) {
      const faults = faultsOf(apns.credentials, { ...document, [member]: value })
      expect(
        faults.map(({ path }) => path),
        String(value),
      ).toEqual([`/${member}`])
      for (const { message } of faults) expect(message).toMatch(/^(?!.*\n)[^\n]{5,200}$/)
      const told = JSON.stringify(faults)
      for (const line of [...pem.split('\n'), ...otherCurve.split('\n'), ...rsa.split('\n')].filter(
        part => part.length > 20 && !part.startsWith('-----'),
      ))
        expect(told).not.toContain(line)
    }
  })
})

describe('a target', () => {
  it('has a collapse id of up to 64 bytes in any script, and tokens, which may come later', () => {
    for (const collapseId of ['a', 'order 4711', 'x'.repeat(64), '订单-47', '🚀'])
      expect(apns.target.parse({ collapseId, tokens: ['00ff00ff'] })).toEqual({
        names: { collapseId },
        tokens: ['00ff00ff'],
        audience: null,
        audienceSize: null,
      })
    expect(apns.target.parse({ collapseId: 'a' })).toMatchObject({ tokens: [] })
  })

  it.each<[object, string]>([
    [{}, '/collapseId'],
    [{ collapseId: '' }, '/collapseId'],
    [{ collapseId: 7 }, '/collapseId'],
    [{ collapseId: null }, '/collapseId'],
    [{ collapseId: 'x'.repeat(65) }, '/collapseId'],
    [{ collapseId: '订'.repeat(22) }, '/collapseId'],
    [{ collapseId: ' a' }, '/collapseId'],
    [{ collapseId: 'a\nb' }, '/collapseId'],
    [{ collapseId: 'a\ud800' }, '/collapseId'],
    [{ collapseId: 'a', tokens: 'abcd' }, '/tokens'],
    [{ collapseId: 'a', tokens: [7] }, '/tokens/0'],
    [{ collapseId: 'a', tokens: [''] }, '/tokens/0'],
    [{ collapseId: 'a', tokens: ['x'.repeat(100_000)] }, '/tokens/0'],
    [{ collapseId: 'a', notifyId: 7 }, '/notifyId'],
    [{ collapseId: 'a', pushId: '7' }, '/pushId'],
    [{ collapseId: 'a', audience: 'all' }, '/audience'],
  ])('refuses %j', (target, path) => {
    expect(faultsOf(apns.target, target).map(fault => fault.path)).toEqual([path])
  })
})
