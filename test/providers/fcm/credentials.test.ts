import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inputErrors, sentence } from '../../../shared/issues.ts'
import { fcm } from '../../../shared/providers/fcm/index.ts'
import { fcmLogin } from '../../../shared/providers/fcm/login.ts'
import { credentials, document, keys, pem, pemOf, serviceAccount } from './app.ts'
import { openCredentials } from '../subject.ts'

function faultsOf(schema: typeof fcm.credentials | typeof fcm.target, value: unknown) {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : inputErrors(result.error.issues)
}

const pkcs1 = pemOf(keys.privateKey, 'pkcs1')
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const publicKey = String(keys.publicKey.export({ type: 'spki', format: 'pem' }))
const secrets = [...pem.split('\n').slice(1, -2), ...pkcs1.split('\n').slice(1, -2)]

const account = (change: object) => ({ serviceAccount: { ...serviceAccount, ...change } })
const oneLine = (text: string) => text.replaceAll('\n', '')

describe('a key', () => {
  it.each<[string, string]>([
    ['as downloaded', pem],
    ['in PKCS#1', pkcs1],
    ['with \\n as two characters', pem.replaceAll('\n', '\\n')],
    ['in PKCS#1 with \\n as two characters', pkcs1.replaceAll('\n', '\\n')],
    ['on one line', oneLine(pem)],
    ['in PKCS#1 on one line', oneLine(pkcs1)],
    ['with blanks for line ends', pem.replaceAll('\n', ' ')],
    ['with CR LF', pem.replaceAll('\n', '\r\n')],
    ['with \\r\\n as four characters', pem.replaceAll('\n', '\\r\\n')],
    ['in quotes', `"${pem}"`],
    ['in quotes, escaped', JSON.stringify(pem)],
    ['in single quotes', `'${pem.replaceAll('\n', '\\n')}'`],
    ['behind a BOM and blanks', `\ufeff  ${pem}  `],
    ['in base64', Buffer.from(pem).toString('base64')],
  ])('%s is taken, and is the same key', (_, private_key) => {
    const own = openCredentials(fcm, { ...document, ...account({ private_key }) })
    expect(fcmLogin.secret(own)).toBe(fcmLogin.secret(credentials))
  })
})

describe('credentials', () => {
  it.each<[string, unknown]>([
    ['as an object', serviceAccount],
    ['as text', JSON.stringify(serviceAccount, null, 2)],
    ['as base64', Buffer.from(JSON.stringify(serviceAccount)).toString('base64')],
    ['with members that Google adds', { ...serviceAccount, something_new: { a: 1 } }],
  ])("take Google's file %s", (_, file) => {
    expect(openCredentials(fcm, { ...document, serviceAccount: file })).toMatchObject(document)
  })
  it('need no more of it than the login does, and no removal', () => {
    const { project_id, private_key, client_email } = serviceAccount
    const own = { provider: 'fcm', serviceAccount: { project_id, private_key, client_email }, removal: null }
    expect(openCredentials(fcm, own).removal).toBeUndefined()
  })

  const appleKey = pemOf(elliptic, 'pkcs8')
  it.each<[string, object, string]>([
    ['another provider', { provider: 'apns' }, '/provider'],
    ['an unknown member', { serverKey: 'AAAA' }, '/serverKey'],
    ["another vendor's member", { appKey: '1' }, '/appKey'],
    ['no key file', { serviceAccount: undefined }, '/serviceAccount'],
    ['no key file but a word', { serviceAccount: 'news' }, '/serviceAccount'],
    ['an empty key file', { serviceAccount: '' }, '/serviceAccount'],
    ['a list', { serviceAccount: [] }, '/serviceAccount'],
    ["Apple's key", { serviceAccount: appleKey }, '/serviceAccount'],
    ['a file of a user', account({ type: 'authorized_user' }), '/serviceAccount/type'],
    ['a number for a type', account({ type: 1 }), '/serviceAccount/type'],
    ["Huawei's key file", account({ client_email: undefined, sub_account: '1' }), '/serviceAccount/client_email'],
    ['no project', account({ project_id: undefined }), '/serviceAccount/project_id'],
    ['an empty project', account({ project_id: '' }), '/serviceAccount/project_id'],
    ['a number for a project', account({ project_id: 1 }), '/serviceAccount/project_id'],
    ['a long project', account({ project_id: 'p'.repeat(129) }), '/serviceAccount/project_id'],
    ['an empty key id', account({ private_key_id: '' }), '/serviceAccount/private_key_id'],
    ['a number for a key id', account({ private_key_id: 7 }), '/serviceAccount/private_key_id'],
    ['a long key id', account({ private_key_id: 'k'.repeat(129) }), '/serviceAccount/private_key_id'],
    ['an account that is no address', account({ client_email: 'unpush' }), '/serviceAccount/client_email'],
    ['an empty account', account({ client_email: '' }), '/serviceAccount/client_email'],
    ['a number for an account', account({ client_email: 5 }), '/serviceAccount/client_email'],
    ['a long account', account({ client_email: `${'a'.repeat(300)}@x.example` }), '/serviceAccount/client_email'],
    ['no key', account({ private_key: undefined }), '/serviceAccount/private_key'],
    ['an empty key', account({ private_key: '' }), '/serviceAccount/private_key'],
    ['a number for a key', account({ private_key: 1 }), '/serviceAccount/private_key'],
    ['half a key', account({ private_key: pem.slice(0, 900) }), '/serviceAccount/private_key'],
    ['two keys', account({ private_key: pem + pem }), '/serviceAccount/private_key'],
    ['a public key', account({ private_key: publicKey }), '/serviceAccount/private_key'],
    ["Apple's key in Google's file", account({ private_key: appleKey }), '/serviceAccount/private_key'],
    ['a short key', account({ private_key: pemOf(short, 'pkcs8') }), '/serviceAccount/private_key'],
    ["another vendor's removal", { removal: 'background' }, '/removal'],
    ['true for a removal', { removal: true }, '/removal'],
    ['an empty removal', { removal: '' }, '/removal'],
    ['plain http', { endpoint: 'http://fcm.googleapis.com' }, '/endpoint'],
    ['a number for an endpoint', { endpoint: 1 }, '/endpoint'],
    ['no rate', { ratePerSecond: 0 }, '/ratePerSecond'],
    ['text for a rate', { ratePerSecond: '10' }, '/ratePerSecond'],
  ])('refuse %s, and say where without saying what', (_, change, path) => {
    const faults = faultsOf(fcm.credentials, { ...document, ...change })
    expect(faults.map(fault => fault.path)).toEqual([path])
    for (const secret of secrets) expect(JSON.stringify(faults)).not.toContain(secret)
  })
})

describe('a target', () => {
  it('has a tag or a collapse key or both, and tokens, which may come later, or a topic', () => {
    const nothing = { audience: null, audienceSize: null }
    expect(fcm.target.parse({ tag: 'rc-8f2c', tokens: ['T1', 'a:b_c-d'] })).toEqual({
      ...nothing,
      names: { tag: 'rc-8f2c' },
      tokens: ['T1', 'a:b_c-d'],
    })
    expect(fcm.target.parse({ collapseKey: 'k' })).toEqual({
      ...nothing,
      names: { collapseKey: 'k' },
      tokens: [],
    })
    expect(fcm.target.parse({ tag: '标'.repeat(21), collapseKey: 'k'.repeat(256), tokens: [] })).toMatchObject({
      names: { tag: '标'.repeat(21), collapseKey: 'k'.repeat(256) },
    })
    expect(fcm.target.parse({ tag: 't', topic: 'news_1.2~%', audienceSize: 9 })).toEqual({
      names: { tag: 't', topic: 'news_1.2~%' },
      tokens: null,
      audience: 'topic',
      audienceSize: 9,
    })
  })

  it.each<[object, string, RegExp]>([
    [{}, '/tag', /required, or a collapseKey/],
    [{ tokens: ['a'] }, '/tag', /required/],
    [{ tag: '' }, '/tag', /not be empty/],
    [{ tag: 7 }, '/tag', /a string/],
    [{ tag: 'x'.repeat(65) }, '/tag', /at most 64 bytes/],
    [{ tag: '标'.repeat(22) }, '/tag', /at most 64 bytes/],
    [{ tag: 'a\nb' }, '/tag', /control characters/],
    [{ tag: 'a\0' }, '/tag', /control characters/],
    [{ tag: '\ud800' }, '/tag', /control characters/],
    [{ collapseKey: '' }, '/collapseKey', /not be empty/],
    [{ collapseKey: {} }, '/collapseKey', /a string/],
    [{ collapseKey: 'x'.repeat(257) }, '/collapseKey', /at most 256 bytes/],
    [{ tag: 'a', topic: '' }, '/topic', /name of a topic/],
    [{ tag: 'a', topic: '/topics/news' }, '/topic', /name of a topic/],
    [{ tag: 'a', topic: 'x'.repeat(901) }, '/topic', /name of a topic/],
    [{ tag: 'a', topic: ['news'] }, '/topic', /a string/],
    [{ tag: 'a', topic: 'news', tokens: ['a'] }, '/topic', /left out where tokens are given/],
    [{ tag: 'a', audienceSize: 5 }, '/audienceSize', /for a topic alone/],
    [{ tag: 'a', topic: 'n', audienceSize: -1 }, '/audienceSize', /at least 0/],
    [{ tag: 'a', tokens: 'T1' }, '/tokens', /a list/],
    [{ tag: 'a', tokens: ['a', 7] }, '/tokens/1', /a string/],
    [{ tag: 'a', tokens: [''] }, '/tokens/0', /not be empty/],
    [{ tag: 'a', pushId: '1' }, '/pushId', /not a member/],
    [{ tag: 'a', collapseId: 'b' }, '/collapseId', /not a member/],
    [{ tag: 'a', audience: 'all' }, '/audience', /not a member/],
  ])('refuses %j', (target, path, message) => {
    expect(faultsOf(fcm.target, target)).toEqual([{ path, message: expect.stringMatching(message) }])
  })
})
