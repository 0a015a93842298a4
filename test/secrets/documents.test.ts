import { describe, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { inputErrors, sentence } from '../../shared/issues.ts'
import { accessSchema } from '../../shared/secrets/access-document.ts'
import { appsSchema, defaultPolicy, policySchema } from '../../shared/secrets/documents.ts'

const { sha256 } = createApiKey()
const key = { id: 'ops', sha256, role: 'operator', apps: ['*'] }

function wrong(schema: ReturnType<typeof accessSchema | typeof policySchema>, value: unknown) {
  const result = schema.safeParse(value, { error: sentence })
  return result.success ? [] : inputErrors(result.error.issues)
}

describe('unpush/access', () => {
  it('is made ready for comparing', () => {
    const second = createApiKey()
    const access = accessSchema().parse({
      keys: [
        key,
        {
          id: 'night.shift',
          sha256: second.sha256.toUpperCase(),
          role: ['viewer', 'approver'],
          apps: ['news-android'],
          person: 'li.wei',
          owner: 'newsroom',
          expiresAt: '2027-01-01T08:00:00+08:00',
        },
      ],
      oidc: { issuer: 'https://id.example.com', audience: 'unpush', clientId: 'console', roleClaim: 'groups' },
    })
    expect(access.keys).toEqual([
      {
        id: 'ops',
        digest: Buffer.from(sha256, 'hex'),
        roles: ['operator'],
        apps: '*',
        person: null,
        owner: 'ops',
        expiresAt: null,
      },
      {
        id: 'night.shift',
        digest: Buffer.from(second.sha256, 'hex'),
        roles: ['viewer', 'approver'],
        apps: new Set(['news-android']),
        person: 'li.wei',
        owner: 'newsroom',
        expiresAt: new Date('2027-01-01T00:00:00Z'),
      },
    ])
    expect(access.oidc?.issuer).toBe('https://id.example.com')
  })

  it.each([
    [{ ...key, sha256: 'abc' }, '/keys/0/sha256', 'must be 64 hex digits'],
    [{ ...key, role: 'root' }, '/keys/0/role', /^must be "sender", .* or "admin" or a list$/],
    [{ ...key, role: [] }, '/keys/0/role', 'must not be empty'],
    [{ ...key, apps: '*' }, '/keys/0/apps', 'must be a list'],
    [{ ...key, apps: ['News'] }, '/keys/0/apps/0', /must match/],
    [{ ...key, person: '' }, '/keys/0/person', 'must not be empty'],
    [{ ...key, expiresAt: '2027-01-01' }, '/keys/0/expiresAt', /RFC 3339/],
    [{ ...key, key: 'x' }, '/keys/0/key', 'is not a member known here'],
    [{ ...key, id: '' }, '/keys/0/id', /must be 1 to 64/],
  ])('refuses %j', (bad, path, message) => {
    expect(wrong(accessSchema(), { keys: [bad] })).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  it('refuses two keys of one id, or one key under two ids', () => {
    expect(wrong(accessSchema(), { keys: [key, { ...key, sha256: createApiKey().sha256 }] })).toEqual([
      { path: '/keys', message: 'has two keys of one id' },
    ])
    expect(wrong(accessSchema(), { keys: [key, { ...key, id: 'b', sha256: sha256.toUpperCase() }] })).toEqual([
      { path: '/keys', message: 'has one sha256 under two ids' },
    ])
  })
})

describe('unpush/policy', () => {
  it('has the defaults of the contract', () => {
    expect(policySchema().parse({})).toEqual(defaultPolicy)
    expect(defaultPolicy).toEqual({
      approvalAbove: { stop: null, revoke: null, overlay: 10000 },
      approvalTtlMinutes: 30,
      confirmAbove: 100000,
      assumeAudience: 1000000,
      expireAction: 'revoke',
      minExpiryMinutes: 10,
      giveUpHours: 24,
      tokenRetentionDays: 15,
      textRetentionDays: null,
      breakGlass: 'operator',
      limits: { requestsPerMinute: 1200, recallsPerHour: 600, devicesPerHour: null },
    })
  })

  it.each([
    [5, { stop: 5, revoke: 5, overlay: 5 }],
    [null, { stop: null, revoke: null, overlay: null }],
    [{}, { stop: null, revoke: null, overlay: 10000 }],
    [{ revoke: 0 }, { stop: null, revoke: 0, overlay: 10000 }],
    [{ overlay: null }, { stop: null, revoke: null, overlay: null }],
  ])('approvalAbove %j → %j', (approvalAbove, wanted) => {
    expect(policySchema().parse({ approvalAbove }).approvalAbove).toEqual(wanted)
  })

  it('takes each member by itself', () => {
    expect(policySchema().parse({ minExpiryMinutes: 0, giveUpHours: 0.5, expireAction: 'stop' })).toEqual({
      ...defaultPolicy,
      minExpiryMinutes: 0,
      giveUpHours: 0.5,
      expireAction: 'stop',
    })
    expect(policySchema().parse({ limits: { recallsPerHour: null, devicesPerHour: 5 } }).limits).toEqual({
      requestsPerMinute: 1200,
      recallsPerHour: null,
      devicesPerHour: 5,
    })
    expect(policySchema().parse({ confirmAbove: null, textRetentionDays: 90, breakGlass: 'off' })).toEqual({
      ...defaultPolicy,
      confirmAbove: null,
      textRetentionDays: 90,
      breakGlass: 'off',
    })
  })

  it.each([
    [{ approvalAbove: -1 }, '/approvalAbove', 'must be at least 0'],
    [{ approvalAbove: '10' }, '/approvalAbove', 'must be a whole number or an object'],
    [{ approvalAbove: { revok: 1 } }, '/approvalAbove/revok', 'is not a member known here'],
    [{ approvalAbove: { revoke: 1.5 } }, '/approvalAbove/revoke', 'must be a whole number'],
    [{ expireAction: 'overlay' }, '/expireAction', 'must be "stop" or "revoke"'],
    [{ giveUpHours: 0 }, '/giveUpHours', 'must be more than 0'],
    [{ tokenRetentionDays: 1e9 }, '/tokenRetentionDays', 'must be at most 3650'],
    [{ minExpiryMinutes: -1 }, '/minExpiryMinutes', 'must be at least 0'],
    [{ limits: { requestsPerMinute: 0 } }, '/limits/requestsPerMinute', 'must be at least 1'],
    [{ limits: { requestsPerSecond: 20 } }, '/limits/requestsPerSecond', 'is not a member known here'],
    [{ textRetentionDays: 0 }, '/textRetentionDays', 'must be more than 0'],
    [{ breakGlass: 'admin' }, '/breakGlass', 'must be "off", "operator" or "approver"'],
    [{ giveUpMinutes: 5 }, '/giveUpMinutes', 'is not a member known here'],
  ])('refuses %j', (value, path, message) => {
    expect(wrong(policySchema(), value)).toEqual([{ path, message }])
  })
})

describe('unpush/apps', () => {
  it('are strict', () => {
    expect(appsSchema().safeParse({ apps: ['a', 'b-c_1'] }).success).toBe(true)
    for (const apps of [['A'], ['-a'], [''], 'a', ['a'.repeat(64)]])
      expect(appsSchema().safeParse({ apps }).success).toBe(false)
  })
})
