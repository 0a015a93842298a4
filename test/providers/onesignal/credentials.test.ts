import { describe, expect, it } from 'vitest'
import { inputErrors, sentence } from '../../../shared/issues.ts'
import { onesignal } from '../../../shared/providers/onesignal/index.ts'
import { openCredentials } from '../subject.ts'
import { apiKey, appId, document, messageId } from './app.ts'

function faultsOf(schema: typeof onesignal.credentials | typeof onesignal.target, value: unknown) {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : inputErrors(result.error.issues)
}

describe('credentials', () => {
  it('take an app id in capitals, and null for what may be left out', () => {
    const own = { ...document, appId: appId.toUpperCase(), endpoint: null, ratePerSecond: null }
    expect(openCredentials(onesignal, own)).toEqual(document)
  })

  it.each<[string, object, string]>([
    ['another provider', { provider: 'fcm' }, '/provider'],
    ['no provider', { provider: undefined }, '/provider'],
    ['an unknown member', { restApiKey: 'x' }, '/restApiKey'],
    ["another vendor's member", { masterSecret: 'x' }, '/masterSecret'],
    ['a removal, which is not offered here', { removal: 'data' }, '/removal'],
    ['no app id', { appId: undefined }, '/appId'],
    ['an empty app id', { appId: '' }, '/appId'],
    ['a number for an app id', { appId: 7 }, '/appId'],
    ['an app id of digits', { appId: '1500001048' }, '/appId'],
    ['a long app id', { appId: `${appId}0` }, '/appId'],
    ['no key', { apiKey: undefined }, '/apiKey'],
    ['an empty key', { apiKey: '' }, '/apiKey'],
    ['a number for a key', { apiKey: 7 }, '/apiKey'],
    ['a key in a list', { apiKey: [apiKey] }, '/apiKey'],
    ['a key with its scheme', { apiKey: `Key ${apiKey}` }, '/apiKey'],
    ['a key with a line break', { apiKey: `${apiKey}\r\nX: y` }, '/apiKey'],
    ['a long key', { apiKey: 'k'.repeat(513) }, '/apiKey'],
    ['plain http', { endpoint: 'http://api.onesignal.com' }, '/endpoint'],
    ['an empty endpoint', { endpoint: '' }, '/endpoint'],
    ['a number for an endpoint', { endpoint: 1 }, '/endpoint'],
    ['a rate of nothing', { ratePerSecond: 0 }, '/ratePerSecond'],
    ['text for a rate', { ratePerSecond: '10' }, '/ratePerSecond'],
  ])('refuse %s, and say where without saying what', (_, change, path) => {
    const faults = faultsOf(onesignal.credentials, { ...document, ...change })
    expect(faults.map(fault => fault.path)).toEqual([path])
    expect(JSON.stringify(faults)).not.toContain(apiKey)
  })
})

describe('a target', () => {
  const nothing = { audience: null, audienceSize: null }
  it('has an id, or a collapse id, or both, and subscriptions where it wants an overlay', () => {
    expect(onesignal.target.parse({ messageId: messageId.toUpperCase() })).toEqual({
      ...nothing,
      names: { messageId },
      tokens: null,
    })
    expect(onesignal.target.parse({ messageId, audienceSize: 12 })).toMatchObject({ audienceSize: 12 })
    expect(onesignal.target.parse({ collapseId: '标'.repeat(21) })).toEqual({
      ...nothing,
      names: { collapseId: '标'.repeat(21) },
      // they may come later
      tokens: [],
    })
    expect(onesignal.target.parse({ messageId, collapseId: 'rc', tokens: ['a'] })).toEqual({
      ...nothing,
      names: { messageId, collapseId: 'rc' },
      tokens: ['a'],
    })
  })

  it.each<[object, string, RegExp]>([
    [{}, '/messageId', /required, or a collapseId/],
    [{ tokens: ['a'] }, '/messageId', /required/],
    [{ messageId: '' }, '/messageId', /id that OneSignal answered with/],
    [{ messageId: 7 }, '/messageId', /a string/],
    [{ messageId: 'rc-8f2c' }, '/messageId', /id that OneSignal answered with/],
    [{ messageId: `${messageId}0` }, '/messageId', /id that OneSignal answered with/],
    [{ messageId: `${messageId}/../..` }, '/messageId', /id that OneSignal answered with/],
    [{ collapseId: '' }, '/collapseId', /not be empty/],
    [{ collapseId: 7 }, '/collapseId', /a string/],
    [{ collapseId: 'x'.repeat(65) }, '/collapseId', /at most 64 bytes/],
    [{ collapseId: '标'.repeat(22) }, '/collapseId', /at most 64 bytes/],
    [{ collapseId: 'a\nb' }, '/collapseId', /control characters/],
    [{ collapseId: '\ud800' }, '/collapseId', /control characters/],
    [{ messageId, tokens: 'a' }, '/tokens', /a list/],
    [{ messageId, tokens: ['a', 7] }, '/tokens/1', /a string/],
    [{ messageId, tokens: [''] }, '/tokens/0', /not be empty/],
    [{ messageId, audienceSize: -1 }, '/audienceSize', /at least 0/],
    [{ messageId, audienceSize: '5' }, '/audienceSize', /a whole number/],
    [{ collapseId: 'a', audienceSize: 5 }, '/audienceSize', /for a messageId alone/],
    [{ messageId, pushId: '1' }, '/pushId', /not a member/],
    [{ messageId, notifyId: 1 }, '/notifyId', /not a member/],
    [{ messageId, tag: 'a' }, '/tag', /not a member/],
    [{ messageId, audience: 'all' }, '/audience', /not a member/],
  ])('refuses %j', (target, path, message) => {
    expect(faultsOf(onesignal.target, target)).toEqual([{ path, message: expect.stringMatching(message) }])
  })
})
