import { describe, expect, it } from 'vitest'
import { inputErrors, sentence } from '../../../shared/issues.ts'
import { tpns } from '../../../shared/providers/tpns/index.ts'
import { openCredentials } from '../subject.ts'
import { document, secretKey } from './app.ts'

function faultsOf(schema: typeof tpns.credentials | typeof tpns.target, value: unknown) {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : inputErrors(result.error.issues)
}

describe('credentials', () => {
  it('take a number for an id and keep its digits', () => {
    expect(openCredentials(tpns, { ...document, accessId: 1500001048 }).accessId).toBe('1500001048')
  })

  it.each<[string, object, string]>([
    ['an unknown member', { seceretKey: 'x' }, '/seceretKey'],
    ['another region', { region: 'beijing' }, '/region'],
    ['another platform', { platform: 'harmony' }, '/platform'],
    ['no secret', { secretKey: undefined }, '/secretKey'],
    ['an empty secret', { secretKey: '' }, '/secretKey'],
    ['an access id with a line break', { accessId: '1\r\n2' }, '/accessId'],
    ['a rate of nothing', { ratePerSecond: 0 }, '/ratePerSecond'],
    ['plain http', { endpoint: 'http://example.com' }, '/endpoint'],
    ['an endpoint with credentials', { endpoint: 'https://a:b@example.com' }, '/endpoint'],
    ['an endpoint of another scheme', { endpoint: 'file:///etc' }, '/endpoint'],
    ['no URL at all', { endpoint: 'api.tpns.tencent.com' }, '/endpoint'],
  ])('refuse %s, and say where without saying what', (_, change, path) => {
    const faults = faultsOf(tpns.credentials, { ...document, ...change })
    expect(faults.map(fault => fault.path)).toEqual([path])
    expect(JSON.stringify(faults)).not.toContain(secretKey)
    expect(JSON.stringify(faults)).not.toContain('a:b@')
  })

  it.each(['https://example.com/tpns', 'http://localhost:1', 'http://127.0.0.1:1', 'http://127.1', 'http://[::1]:1'])(
    'take the endpoint %s',
    endpoint => {
      expect(faultsOf(tpns.credentials, { ...document, endpoint })).toEqual([])
    },
  )
})

describe('a target', () => {
  it('has a push id, and perhaps an audience', () => {
    expect(tpns.target.parse({ pushId: '1328245138690125824' })).toEqual({
      names: { pushId: '1328245138690125824' },
      tokens: null,
      audience: null,
      audienceSize: null,
    })
    expect(tpns.target.parse({ pushId: '1', audience: 'all', audienceSize: 1_200_000 })).toMatchObject({
      audience: 'all',
      audienceSize: 1_200_000,
    })
  })

  it.each<[object, string, RegExp]>([
    [{ pushId: 43214535 }, '/pushId', /in digits alone/],
    [{ pushId: '' }, '/pushId', /1 to 20 digits/],
    [{ pushId: '4321a' }, '/pushId', /1 to 20 digits/],
    [{ pushId: '1'.repeat(21) }, '/pushId', /1 to 20 digits/],
    [{}, '/pushId', /required/],
    [{ pushId: null }, '/pushId', /string/],
    [{ pushId: '1', audience: 'everybody' }, '/audience', /"all"/],
    [{ pushId: '1', audienceSize: -1 }, '/audienceSize', /at least 0/],
    [{ pushId: '1', audienceSize: 1.5 }, '/audienceSize', /whole number/],
    [{ pushId: '1', notifyId: 1 }, '/notifyId', /not a member/],
    [{ pushId: '1', tokens: [] }, '/tokens', /not a member/],
  ])('refuses %j', (target, path, message) => {
    expect(faultsOf(tpns.target, target)).toEqual([{ path, message: expect.stringMatching(message) }])
  })
})
