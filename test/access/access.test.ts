import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { authenticate } from '../../shared/access/access.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { Problem } from '../../shared/errors.ts'
import type { Right, Role } from '../../shared/functions.ts'
import { type Access, accessSchema } from '../../shared/secrets/access-document.ts'

const now = new Date('2026-06-01T00:00:00Z')

function grant(members: { [member: string]: unknown } = {}): { key: string; access: Access } {
  const { key, sha256 } = createApiKey()
  const others = Array.from({ length: 3 }, (_, n) => ({
    id: `o${n}`,
    sha256: createApiKey().sha256,
    role: 'admin',
    apps: ['*'],
  }))
  const own = { id: 'ops', sha256, role: 'operator', apps: ['news-android'], person: 'li.wei', ...members }
  return { key, access: accessSchema().parse({ keys: [...others.slice(1), own, ...others.slice(0, 1)] }) }
}

function refusal(authorization: string | undefined, access: Access): Problem {
  try {
    authenticate(authorization, access, now)
  } catch (error) {
    if (error instanceof Problem) return error
  }
  throw new Error('nothing was refused')
}

describe('authenticate', () => {
  it('finds the principal behind a key', () => {
    const { key, access } = grant()
    const principal = authenticate(`Bearer ${key}`, access, now)
    expect(principal).toMatchObject({ id: 'key:ops', person: 'li.wei', roles: ['operator'] })
    expect(['news-android', 'news-harmony'].map(app => principal.reaches(app, 'operate'))).toEqual([true, false])
  })

  it('takes the scheme in any case and reaches all apps with *', () => {
    const { key, access } = grant({ apps: ['*'], person: undefined })
    const principal = authenticate(`bearer  ${key}`, access, now)
    expect(principal).toMatchObject({ person: null })
    expect(principal.reaches('anything', 'operate')).toBe(true)
  })

  it.each<[Role | Role[], Right[]]>([
    ['sender', ['send']],
    ['viewer', ['read']],
    ['operator', ['send', 'read', 'operate']],
    ['admin', ['read']],
    [
      ['sender', 'viewer'],
      ['send', 'read'],
    ],
  ])('role %j may %j', (role, rights) => {
    const { key, access } = grant({ role })
    const principal = authenticate(`Bearer ${key}`, access, now)
    const all: Right[] = ['send', 'read', 'operate']
    expect(all.filter(right => principal.may(right))).toEqual(rights)
  })

  it('takes a key until the moment it expires', () => {
    const live = grant({ expiresAt: '2026-06-01T08:00:00.001+08:00' })
    expect(authenticate(`Bearer ${live.key}`, live.access, now).id).toBe('key:ops')
    const dead = grant({ expiresAt: '2026-06-01T08:00:00+08:00' })
    expect(refusal(`Bearer ${dead.key}`, dead.access).status).toBe(401)
  })

  it('answers an expired key as an unknown one', () => {
    const { key, access } = grant({ expiresAt: '2020-01-01T00:00:00Z' })
    const expired = refusal(`Bearer ${key}`, access)
    const unknown = refusal(`Bearer ${createApiKey().key}`, access)
    expect([expired.message, expired.headers]).toEqual([unknown.message, unknown.headers])
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic eDp5',
    'KEY',
    'Bearer KEY KEY',
    'Bearer KEY, Bearer KEY',
    'BearerKEY',
    'Bearer KEYx',
    'Bearer é',
  ])('refuses %j', template => {
    const { key, access } = grant()
    const problem = refusal(template?.replaceAll('KEY', key), access)
    expect(problem).toMatchObject({ slug: 'unauthorized', status: 401, headers: { 'WWW-Authenticate': 'Bearer' } })
    expect(problem.message).not.toContain(key)
  })

  it('refuses the hash in place of the key, and everything where there are no keys', () => {
    const { key, access } = grant()
    const hash = createHash('sha256').update(key).digest('hex')
    expect(refusal(`Bearer ${hash}`, access).status).toBe(401)
    expect(refusal(`Bearer ${key}`, { keys: [] }).status).toBe(401)
  })
})

describe('createApiKey', () => {
  it('makes 256 random bits behind the prefix', () => {
    const keys = Array.from({ length: 100 }, createApiKey)
    expect(new Set(keys.map(({ key }) => key)).size).toBe(100)
    for (const { key, sha256 } of keys) {
      expect(key).toMatch(/^unpush_[A-Za-z0-9_-]{43}$/)
      expect(sha256).toBe(createHash('sha256').update(key).digest('hex'))
    }
  })
})
