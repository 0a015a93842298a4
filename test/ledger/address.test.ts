/** Ledger URLs as people have them: understood where they can be read in one way, else refused without a word of theirs. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../shared/config.ts'
import { readLedgerAddress } from '../../shared/ledger/address.ts'
import { AddressError } from '../../shared/ledger/unreachable.ts'

const read = (url: string) => readLedgerAddress(url)
const refusal = (url: string): string => {
  try {
    read(url)
  } catch (error) {
    if (error instanceof AddressError) return error.message
    throw error
  }
  return 'understood'
}

describe('a password', () => {
  const at = (password: string) => read(`postgres://u:${password}@db.example/unpush`)

  it.each([
    'S3cr#t-Passw0rd',
    'a/b',
    'a?b=c',
    'p@ss',
    'p@ss@word@',
    '#/?@&=:+$',
    '100%',
    '50%off!',
    '%zz',
    'with blanks in it',
    '密码é',
    'quote\'"`\\',
    '[::1]',
    '1/x?',
  ])('is understood as it is: %s', password => {
    expect(at(password)).toMatchObject({ password, user: 'u', database: 'unpush', hosts: [{ name: 'db.example' }] })
  })

  it.each(['postgres://u:12/w@db.example', 'postgres://u:a@b/c@d', 'postgres://u:pw@db.example/unpush@prod'])(
    'that may end in two places is refused: %s',
    url => {
      expect(refusal(url)).toMatch(/^it can be read in more than one way: write % # /)
    },
  )

  it.each(['a%23b#c', 'a%20b%', '%41/%zz'])('that is encoded in part is refused: %s', password => {
    expect(refusal(`postgres://u:${password}@db.example/unpush`)).toMatch(
      /^its password is percent-encoded in part only/,
    )
  })

  const anything = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 24 }).filter(text => !/\p{Cc}/u.test(text))
  const awkward = fc.string({ unit: fc.constantFrom(...Array.from('#/?@%:&=[]1a, ~')), minLength: 1, maxLength: 12 })

  it('percent-encoded is always understood', () => {
    fc.assert(
      fc.property(fc.oneof(anything, awkward), fc.oneof(anything, awkward), (password, database) => {
        fc.pre(password.isWellFormed() && database.isWellFormed())
        const url = `postgres://u:${encodeURIComponent(password)}@db.example:6432/${encodeURIComponent(database)}`
        expect(read(url)).toMatchObject({ password, database, hosts: [{ name: 'db.example', port: 6432 }] })
      }),
      { numRuns: 2_000 },
    )
  })

  it('as it is, is understood, or refused without being said', () => {
    fc.assert(
      fc.property(fc.oneof(anything, awkward), password => {
        const marked = `canary${password}canary`
        const url = `postgres://u:${marked}@db.example/unpush`
        const said = refusal(url)
        expect(said).not.toContain('canary')
        expect(said).not.toContain('\n')
        // the one thing that may be both: escapes that somebody meant as they stand
        if (said === 'understood' && !/%[0-9a-f]{2}/i.test(marked)) expect(read(url).password).toBe(marked)
        if (said === 'understood') expect(read(url).hosts).toEqual([{ name: 'db.example', port: 5432 }])
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('the rest of a URL', () => {
  it.each<[string, object]>([
    ['postgresql://u@db/x', { user: 'u', password: null, database: 'x', hosts: [{ name: 'db', port: 5432 }] }],
    ['  POSTGRES://u@db/x\n', { user: 'u' }],
    ['postgres://db', { user: null, database: null }],
    ['postgres://u:p@[::1]:5433/x', { hosts: [{ name: '::1', port: 5433 }], tls: 'none' }],
    ['postgres://u:p@[2001:db8::7]/x', { hosts: [{ name: '2001:db8::7', port: 5432 }], tls: 'full' }],
    [
      'postgres://u:p@a,b:5433/x',
      {
        hosts: [
          { name: 'a', port: 5432 },
          { name: 'b', port: 5433 },
        ],
      },
    ],
    ['postgres:///x?host=/var/run/postgresql', { hosts: [{ name: '/var/run/postgresql', port: 5432 }], tls: 'none' }],
    ['postgres://u:p@/x?host=/run/pg&port=5433', { hosts: [{ name: '/run/pg', port: 5433 }] }],
    ['postgres://u@%2Fvar%2Frun/x', { hosts: [{ name: '/var/run', port: 5432 }], tls: 'none' }],
    [
      'postgres:///x?host=a,b&port=1,2',
      {
        hosts: [
          { name: 'a', port: 1 },
          { name: 'b', port: 2 },
        ],
      },
    ],
    ['postgres://db/da%20ta', { database: 'da ta' }],
    ['postgres://db/x?user=a%40b&password=p%23&dbname=y', { user: 'a@b', password: 'p#', database: 'y' }],
    ['postgres://u@bücher.example/x', { hosts: [{ name: 'xn--bcher-kva.example', port: 5432 }] }],
    ['postgres://u@my_db/x', { hosts: [{ name: 'my_db', port: 5432 }] }],
    ['postgres://db/x?pgbouncer=true&connection_limit=3', { pooled: true, connections: 3 }],
    ['postgres://db/x?connect_timeout=9&application_name=me', { connectMs: 9000, applicationName: 'me' }],
    ['postgres://db/x?sslmode=require&channel_binding=require', { tls: 'full' }],
    ['postgres://db/x?schema=public&target_session_attrs=read-write&keepalives=1', { pooled: null }],
    ['postgres://db/x?sslmode=verify-full&sslrootcert=/etc/ca.pem', { caFile: '/etc/ca.pem' }],
    ['postgres://db/x?options=endpoint%3Dep-1', { options: 'endpoint=ep-1' }],
  ])('is understood: %s', (url, expected) => {
    expect(read(url)).toMatchObject(expected)
  })

  it.each<[string, RegExp]>([
    ['mysql://u:canary@db/x', /^it must begin with postgres:\/\/$/],
    ['host=db password=canary', /^it must begin/],
    ['postgres://', /^its host is missing$/],
    ['postgres://u:canary@/x', /^its host is missing$/],
    ['postgres://u:canary@db:70000/x', /^its port must be a whole number from 1 to 65535$/],
    ['postgres://u:canary@db:x/x', /^its host or port cannot be read$/],
    ['postgres://u:canary@d b/x', /^its host is no name and no IP address$/],
    ['postgres://u:canary@[::canary]/x', /^its host is no IP address$/],
    ['postgres://db/canary/x', /^its database holds a \/ that must be written %2F$/],
    ['postgres://u:canary@db/x#canary', /^it holds a # that must be written %23$/],
    ['postgres://u:canary@db/%ff', /^its database holds a % that begins no character/],
    ['postgres://u:canary@db/x?canary=1', /^it has a parameter that is not known here$/],
    ['postgres://u:canary@db/x?sslcert=canary', /^it has a parameter that is not known here: sslcert$/],
    ['postgres://u:canary@db/x?schema=canary', /^its parameter schema has a value that is not supported here$/],
    ['postgres://u:canary@db/x?sslmode=canary', /^its parameter sslmode must be one of disable, /],
    ['postgres://u:canary@db/x?pgbouncer=canary', /^its parameter pgbouncer must be true or false$/],
    ['postgres://u:canary@db/x?canary', /^its parameter 1 is no name with a value$/],
    ['postgres://u:canary@db/x?port=1,2', /^it has other ports than hosts$/],
    ['postgres://u:canary@db/x?sslmode=prefer&sslmode=canary', /^it has a parameter twice$/],
    ['postgres://u:ca\nnary@db/x', /^it must hold no control characters$/],
    [`postgres://u:${'canary'.repeat(2000)}@db/x`, /^it must have at most 8192 characters$/],
    ['postgres://u:p@127.0.0.1/x?channel_binding=require', /^channel_binding=require needs sslmode=verify-full here$/],
  ])('is refused in one line that holds none of it: %s', (url, words) => {
    expect(refusal(url)).toMatch(words)
    expect(refusal(url)).not.toContain('canary')
  })

  it('is refused with the name of the variable', () => {
    expect(() => readConfig({ LEDGER_URL: 'postgres://u:canary@db:x/y' })).toThrow(
      new ConfigError('LEDGER_URL is not valid: its host or port cannot be read.'),
    )
  })
})

describe('TLS', () => {
  const modes = [null, 'disable', 'allow', 'prefer', 'require', 'no-verify', 'verify-ca', 'verify-full'] as const
  const here = ['127.0.0.1', '127.9.8.7', '127.1', 'localhost', 'LOCALHOST.', '[::1]', '[::ffff:127.0.0.1]', '%2Frun']
  const away = [
    '10.0.0.5',
    'db',
    'localhost.example',
    '[::2]',
    '0.0.0.0',
    '128.0.0.1',
    '127.0.0.1,db',
    '%2Frun,10.0.0.5',
  ]
  const url = (host: string, mode: string | null) =>
    `postgres://u:p@${host}/x${mode === null ? '' : `?sslmode=${mode}`}`

  it.each(away)('is verified, chain and name, at %s, whatever is asked for', host => {
    for (const mode of modes) {
      if (mode === 'disable' || mode === 'no-verify') {
        expect(refusal(url(host, mode))).toMatch(new RegExp(`^sslmode=${mode} is for this machine only: leave it out`))
        continue
      }
      const { tls, notices } = read(url(host, mode))
      expect(tls, `${mode}`).toBe('full')
      expect(notices).toHaveLength(mode === null || mode === 'verify-full' ? 0 : 1)
    }
  })

  it.each(here)('is as asked for at %s', host => {
    expect(modes.map(mode => read(url(host, mode)).tls)).toEqual([
      'none',
      'none',
      'none',
      'none',
      'unverified',
      'unverified',
      'chain',
      'full',
    ])
    expect(readLedgerAddress(url(host, null), 'PEM').tls).toBe('full')
  })
})
