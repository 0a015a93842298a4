import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inputErrors, sentence } from '../../../shared/issues.ts'
import { huawei } from '../../../shared/providers/huawei/index.ts'
import { document, oneLine, oneLinePem, pem, serviceAccount } from './app.ts'

function faultsOf(schema: typeof huawei.credentials | typeof huawei.target, value: unknown) {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : inputErrors(result.error.issues)
}

function pemOf(keys: { privateKey: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer } }): string {
  return keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const ellipticKey = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const shortKey = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))
const secrets = [...pem.split('\n').slice(1, -2), ...ellipticKey.split('\n').slice(1, -2), 'broken key material']

describe('credentials', () => {
  it.each([pem, oneLinePem])("take Huawei's file as it was downloaded", private_key => {
    const file = { ...serviceAccount, private_key, something_new: { a: 1 } }
    const read = huawei.credentials.parse({ ...document, clientId: 109012345, serviceAccount: file })
    expect(read).toEqual({ ...document, clientId: '109012345', serviceAccount: file })
  })

  const account = (change: object) => ({ serviceAccount: { ...serviceAccount, ...change } })
  it.each<[string, object, string]>([
    ['an unknown member', { clientID: '1' }, '/clientID'],
    ['a client id of letters', { clientId: 'abc' }, '/clientId'],
    ['a client id beyond 2^53 as a number', { clientId: 2 ** 60 }, '/clientId'],
    ['a negative client id', { clientId: -1 }, '/clientId'],
    ['65 digits of client id', { clientId: '1'.repeat(65) }, '/clientId'],
    ['no key file', { serviceAccount: undefined }, '/serviceAccount'],
    ['half a key file', account({ sub_account: undefined }), '/serviceAccount/sub_account'],
    ['no project', account({ project_id: '' }), '/serviceAccount/project_id'],
    ['no key id', account({ key_id: 7 }), '/serviceAccount/key_id'],
    ['no key', account({ private_key: undefined }), '/serviceAccount/private_key'],
    ['an unreadable key', account({ private_key: oneLine('broken key material') }), '/serviceAccount/private_key'],
    ['half a key', account({ private_key: pem.slice(0, 900) }), '/serviceAccount/private_key'],
    ['a key of another kind', account({ private_key: ellipticKey }), '/serviceAccount/private_key'],
    ['a short key', account({ private_key: shortKey }), '/serviceAccount/private_key'],
    ['an empty category', { overlayCategory: '' }, '/overlayCategory'],
    ['a negative rate', { ratePerSecond: -1 }, '/ratePerSecond'],
    ['plain http', { endpoint: 'http://push-api.cloud.huawei.com' }, '/endpoint'],
    ['another provider', { provider: 'tpns' }, '/provider'],
  ])('refuse %s, and say where without saying what', (_, change, path) => {
    const faults = faultsOf(huawei.credentials, { ...document, ...change })
    expect(faults.map(fault => fault.path)).toEqual([path])
    for (const secret of secrets) expect(JSON.stringify(faults)).not.toContain(secret)
  })
})

describe('a target', () => {
  it('has a notifyId and tokens, which may come later', () => {
    const tokens = ['pushToken1', 'MsDZmCSyuS+Gd/==', '名', 'x'.repeat(4096)]
    expect(huawei.target.parse({ notifyId: 0, tokens })).toEqual({
      names: { notifyId: 0 },
      tokens,
      audience: null,
      audienceSize: null,
    })
    expect(huawei.target.parse({ notifyId: 2147483647 })).toMatchObject({
      names: { notifyId: 2_147_483_647 },
      tokens: [],
    })
  })

  it.each<[object, string, RegExp]>([
    [{ notifyId: -1 }, '/notifyId', /from 0 to 2147483647/],
    [{ notifyId: 2147483648 }, '/notifyId', /from 0 to 2147483647/],
    [{ notifyId: '1234567' }, '/notifyId', /whole number/],
    [{ notifyId: 1.5 }, '/notifyId', /whole number/],
    [{}, '/notifyId', /required/],
    [{ notifyId: 1, tokens: 'pushToken1' }, '/tokens', /a list/],
    [{ notifyId: 1, tokens: null }, '/tokens', /a list/],
    [{ notifyId: 1, tokens: ['a', 7] }, '/tokens/1', /a string/],
    [{ notifyId: 1, tokens: [''] }, '/tokens/0', /not be empty/],
    [{ notifyId: 1, pushId: '1' }, '/pushId', /not a member/],
    [{ notifyId: 1, audience: 'all' }, '/audience', /not a member/],
  ])('refuses %j', (target, path, message) => {
    expect(faultsOf(huawei.target, target)).toEqual([{ path, message: expect.stringMatching(message) }])
  })
})
