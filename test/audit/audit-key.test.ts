import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { auditKeySchema, isSigned, keyIdOf, publicKeyOf, signDigest } from '../../shared/audit/digest.ts'
import { noHash } from '../../shared/audit/chain.ts'
import { openSecrets, readRequired } from '../../shared/secrets/secrets.ts'
import { sourceOfDocuments } from '../../shared/secrets/source.ts'

const read = (document: unknown) =>
  readRequired(
    openSecrets(sourceOfDocuments('test', async () => new Map([['unpush/audit-key', document]]))),
    'unpush/audit-key',
    auditKeySchema(),
  )

describe('the secret unpush/audit-key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const head = { seq: 7, hash: noHash, at: '2026-11-23T02:10:01.512345Z' }

  it.each([
    ['PEM', pem],
    ['JWK', privateKey.export({ format: 'jwk' })],
  ])('may be %s', async (_what, document) => {
    const key = await read(document)
    expect(key === null ? null : isSigned(signDigest(head, key), publicKey)).toBe(true)
  })

  it.each([
    ['nothing of the kind', 'swordfish swordfish'],
    ['a public key', publicKey.export({ type: 'spki', format: 'pem' })],
    ['a key of another kind', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })],
    [
      'an RSA key',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ],
    ['half a key', { kty: 'OKP', crv: 'Ed25519', d: 'swordfish' }],
  ])('is refused where it is %s, in one line without its value', async (_what, document) => {
    const refused = await read(document).catch((error: Error) => error.message)
    expect(refused).toMatch(/^secret unpush\/audit-key: .*$/)
    expect(refused).not.toContain('swordfish')
  })

  it('is named by its public half, whoever has which', () => {
    expect(keyIdOf(publicKeyOf(privateKey))).toBe(keyIdOf(publicKey))
    expect(isSigned({ ...signDigest(head, privateKey), seq: 8 }, publicKey)).toBe(false)
  })
})
