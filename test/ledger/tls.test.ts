/** The password of a ledger on another machine is told to nobody but that machine. */
import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { readLedgerAddress } from '../../shared/ledger/address.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { LedgerUnreachable } from '../../shared/ledger/unreachable.ts'
import { type Certificate, makeAuthority, makeCertificate } from '../support/certificate.ts'
import { startPostgresStandIn, type StandInOptions } from '../support/postgres-stand-in.ts'

const password = `pw-${randomBytes(9).toString('hex')}`
/** This machine's own, but no loopback: what the rules take for another machine. */
const elsewhere = '0.0.0.0'
const authority = makeAuthority()
const other = makeAuthority()

async function meet(
  options: StandInOptions,
  { host = elsewhere, query = '', ca = null as string | null } = {},
): Promise<{ code: string; message: string; heard: string }> {
  const standIn = await startPostgresStandIn(options)
  const url = `postgres://app:${password}@${host}:${standIn.port}/x${query}`
  const ledger = await openLedger(readLedgerAddress(url, ca))
  try {
    const error = await ledger.query('select 1').then(
      () => null,
      (failed: LedgerUnreachable) => failed,
    )
    return { code: error?.code ?? 'none', message: error?.message ?? '', heard: standIn.heard() }
  } finally {
    await standIn.close()
    await ledger.close()
  }
}

describe('a server that is not the one', () => {
  const cases: [string, Certificate | null, string | null, string | RegExp][] = [
    ['offers no TLS and asks for the password', null, authority.certificate, 'TLS_REFUSED'],
    ['signs for itself', makeCertificate(elsewhere), null, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['signs for itself, beside a ca', makeCertificate(elsewhere), authority.certificate, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['is signed by somebody else', other.issue(elsewhere), authority.certificate, 'CERT_SIGNATURE_FAILURE'],
    ['is signed by somebody whom Node does not know', authority.issue(elsewhere), null, /^UNABLE_TO_/],
    ['has another address', authority.issue('10.9.8.7'), authority.certificate, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['has a name', authority.issue('db.example'), authority.certificate, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['is called localhost', authority.issue('localhost'), authority.certificate, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ]
  it.each(cases)('%s: the password is not sent', async (_what, tls, ca, code) => {
    for (const query of [
      '',
      '?sslmode=prefer',
      '?sslmode=require',
      '?sslmode=allow',
      '?sslmode=verify-ca',
      '?ssl=true',
    ]) {
      const met = await meet({ tls }, { ca, query })
      expect(met.code, query).toMatch(code)
      expect(met.heard, query).not.toContain(password)
      // not even who asks
      expect(met.heard, query).not.toContain('app')
      expect(met.message, query).not.toContain(password)
      expect(met.message).toMatch(/^The ledger [^\n]+\.$/)
    }
  })

  it('speaks before it is known: nothing of that counts', async () => {
    const stuffing = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])
    const met = await meet({ tls: authority.issue(elsewhere), stuffing }, { ca: authority.certificate })
    expect(met.code).toBe('TLS_REFUSED')
    expect(met.heard).not.toContain(password)
  })

  it('cannot be told to trust by a file that is not there', async () => {
    const met = await meet({ tls: authority.issue(elsewhere) }, { query: '?sslrootcert=/nowhere/ca.pem' })
    expect([met.code, met.heard.includes(password)]).toEqual(['CA_ENOENT', false])
  })
})

describe('the server that is the one', () => {
  it('is told the password, by its address and by its name', async () => {
    const { certificate: ca } = authority
    expect((await meet({ tls: authority.issue(elsewhere) }, { ca })).heard).toContain(password)
    expect((await meet({ tls: authority.issue('localhost') }, { ca, host: 'localhost' })).heard).toContain(password)
    const wrong = await meet({ tls: authority.issue('db.example') }, { ca, host: 'localhost' })
    expect([wrong.code, wrong.heard.includes(password)]).toEqual(['ERR_TLS_CERT_ALTNAME_INVALID', false])
    const chain = await meet(
      { tls: authority.issue('db.example') },
      { ca, host: 'localhost', query: '?sslmode=verify-ca' },
    )
    expect(chain.heard).toContain(password)
  })

  it('on this machine needs no TLS', async () => {
    expect((await meet({ tls: null }, { host: '127.0.0.1' })).heard).toContain(password)
  })
})

it('each address of this machine that is no loopback counts as another machine', () => {
  for (const { address, internal } of Object.values(networkInterfaces()).flatMap(list => list ?? [])) {
    const host = address.includes(':') ? `[${address}]` : address
    expect(readLedgerAddress(`postgres://${host}/x`).tls, address).toBe(internal ? 'none' : 'full')
  }
})
