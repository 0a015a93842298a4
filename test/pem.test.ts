/** Private keys in every spelling that secrets managers hand them on in, over every kind of key. */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auditKeySchema } from '../shared/audit/digest.ts'
import { createLog } from '../shared/log.ts'
import { readCertificates, readPrivateKey, readPublicKey } from '../shared/pem.ts'
import { huawei } from '../shared/providers/huawei/index.ts'
import { huaweiCredentials } from '../shared/providers/huawei/credentials.ts'
import { openSecrets } from '../shared/secrets/secrets.ts'
import { makeCertificate } from './support/certificate.ts'
import { soak } from './support/figures.ts'
import { base64Of, lineEnds, spelling } from './support/pem-spellings.ts'

const pair = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  ed25519: generateKeyPairSync('ed25519'),
}
const pemOf = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' | 'spki') =>
  // oxlint-disable-next-line no-unsafe-type-assertion -- of each kind only the types that it has are asked for
  key.export({ type, format: 'pem' } as { type: 'pkcs8'; format: 'pem' }).toString()
const kinds = [
  { name: 'RSA, PKCS#8', pem: pemOf(pair.rsa.privateKey, 'pkcs8'), of: pair.rsa },
  { name: 'RSA, PKCS#1', pem: pemOf(pair.rsa.privateKey, 'pkcs1'), of: pair.rsa },
  { name: 'EC, PKCS#8', pem: pemOf(pair.ec.privateKey, 'pkcs8'), of: pair.ec },
  { name: 'EC, SEC1', pem: pemOf(pair.ec.privateKey, 'sec1'), of: pair.ec },
  { name: 'Ed25519, PKCS#8', pem: pemOf(pair.ed25519.privateKey, 'pkcs8'), of: pair.ed25519 },
] as const
const rsa = kinds[0].pem
/** Every line of every key: none of it may ever be repeated. */
const material = kinds.flatMap(({ pem }) => pem.split('\n').filter(line => line !== '' && !line.startsWith('-----')))

const runs = soak ? 5000 : 400
const withSeed = <Value>(property: fc.IProperty<Value>) => {
  const seed = Date.now() % 2 ** 31
  fc.assert(property, { numRuns: runs, seed, verbose: 1 })
}

describe('a private key', () => {
  const data = Buffer.from('data')
  it('is taken in every spelling, and is the same key', () => {
    withSeed(
      fc.property(fc.constantFrom(...kinds), spelling, ({ pem, of }, { spell }) => {
        const read = readPrivateKey(spell(pem))
        if ('fault' in read) throw new Error(read.fault)
        const algorithm = of === pair.ed25519 ? null : 'sha256'
        expect(verify(algorithm, data, of.publicKey, sign(algorithm, data, read.key))).toBe(true)
      }),
    )
  })

  const encrypted = pair.rsa.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })
    .toString()
  const older = pair.rsa.privateKey
    .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })
    .toString()
  const { certificate } = makeCertificate('example.com')
  it.each<[string, string, RegExp]>([
    ['nothing', '', /no key in PEM/],
    ['words', 'see the wiki', /no key in PEM/],
    ['two keys', rsa + kinds[2].pem, /more than one/],
    ['a key under a passphrase', encrypted, /passphrase/],
    ['one of the older kind', older, /passphrase/],
    ['a public key', pemOf(pair.rsa.publicKey, 'spki'), /is a public key/],
    ['a certificate', certificate, /is a certificate/],
    ['its beginning', rsa.slice(0, 900), /part of the key is missing/],
    ['its beginning and its end', rsa.replace(/\n.{64}\n/, '\n'), /part of the key is missing/],
    ['one with blanks for pluses', rsa.replaceAll('+', ' '), /part of the key is missing/],
  ])('is not found in %s, in any spelling, and what is wrong is said', (_, written, fault) => {
    const around = { ...lineEnds }
    // a line less is then a line too much
    delete around['no first and last line']
    for (const spell of Object.values(around)) {
      const read = readPrivateKey(spell(written))
      expect(read).toEqual({ fault: expect.stringMatching(fault) })
    }
  })

  it('is found beside a certificate, and after what openssl writes before it', () => {
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    for (const written of [
      certificate + rsa,
      `Bag Attributes\n    friendlyName: push\n${rsa}`,
      parameters + kinds[3].pem,
    ])
      expect(readPrivateKey(written)).toHaveProperty('key')
  })
})

it('public keys and certificates are taken in the same spellings', () => {
  const { certificate } = makeCertificate('example.com')
  const bytes = readCertificates(certificate)
  withSeed(
    fc.property(spelling, ({ spell, toString }) => {
      // bare, nothing says what it is
      if (toString().startsWith('no first')) return
      expect(readPublicKey(spell(pemOf(pair.rsa.publicKey, 'spki')))?.asymmetricKeyType).toBe('rsa')
      expect(readPublicKey(spell(rsa))).toBeNull()
      expect(readCertificates(spell(certificate))).toEqual(bytes)
    }),
  )
})

describe('a secret', () => {
  const account = { project_id: '1', key_id: 'k', private_key: rsa, sub_account: '2', type: 'service_account' }
  const read = async (text: string, schema: Parameters<ReturnType<typeof openSecrets>['read']>[1], name: string) => {
    const source = { name: 'test', fetch: async () => text }
    return openSecrets(source, { log: createLog({ level: 'silent' }) }).read(name, schema)
  }
  const name = 'unpush/apps/phones'

  it('holds a key file as an object, as text, as base64, with any spelling of its key', async () => {
    await fc.assert(
      fc.asyncProperty(
        spelling,
        fc.constantFrom('object', 'text', 'base64'),
        fc.boolean(),
        async ({ spell }, as, whole) => {
          const file = { ...account, private_key: spell(rsa) }
          const text = JSON.stringify(file, null, 2)
          const serviceAccount = { object: file, text, base64: base64Of(text) }[as]
          const document = JSON.stringify({ provider: 'huawei', clientId: '1', serviceAccount })
          const found = await read(whole ? base64Of(document) : document, huaweiCredentials(), name)
          expect(found).toMatchObject({ serviceAccount: { project_id: '1', private_key: file.private_key } })
        },
      ),
      { numRuns: runs / 10, seed: Date.now() % 2 ** 31 },
    )
  })

  it('may hold its PEM with real line ends, where JSON has none', async () => {
    const document = `{"provider":"huawei","clientId":"1","serviceAccount":{"project_id":"1","key_id":"k","private_key":"${rsa}","sub_account":"2"}}`
    expect(() => JSON.parse(document)).toThrow(SyntaxError)
    expect(await read(document, huaweiCredentials(), name)).toMatchObject({ serviceAccount: { private_key: rsa } })
  })

  it("signs Push Kit's requests with such a key", async () => {
    const credentials = huaweiCredentials().parse({
      provider: 'huawei',
      clientId: '1',
      serviceAccount: { ...account, private_key: `"${lineEnds['\\n as two characters']?.(kinds[1].pem)}"` },
    })
    const heads: string[] = []
    const send = async ({ headers }: { readonly headers: { readonly [name: string]: string } }) => {
      heads.push(headers['Authorization'] ?? '')
      return { status: 200, headers: {}, text: '{"code":"80000000"}' }
    }
    const call = { credentials, send, timeoutMs: 1000, renew: false, now: Date.now, key: '', session: null }
    const named = { by: 'tokens', json: Buffer.from('["t"]'), count: 1 } as const
    await huawei.revoke?.({ names: { notifyId: 1 }, named, record: null }, call)
    expect(heads[0]).toMatch(/^Bearer ([\w-]+\.){2}[\w-]+$/)
  })

  it('of the audit digest is taken as a bare PEM', async () => {
    for (const text of [kinds[4].pem, JSON.stringify(kinds[4].pem), base64Of(kinds[4].pem)])
      expect(await read(text, auditKeySchema(), 'unpush/audit-key')).toMatchObject({ asymmetricKeyType: 'ed25519' })
  })

  it.each<[string, unknown, string]>([
    ['another kind of key', { ...account, private_key: kinds[2].pem }, 'serviceAccount.private_key must be an RSA key'],
    ['half a key', { ...account, private_key: rsa.slice(0, 900) }, 'serviceAccount.private_key cannot be read'],
    [
      'a key file without a key',
      { project_id: '1', key_id: 'k', sub_account: '2' },
      'serviceAccount.private_key is required',
    ],
    ['no key file', 'see the wiki', 'serviceAccount must be an object'],
  ])('with %s is refused in one line that names the member', async (_, serviceAccount, said) => {
    for (const value of [serviceAccount, JSON.stringify(serviceAccount)]) {
      const document = JSON.stringify({ provider: 'huawei', clientId: '1', serviceAccount: value })
      const error = await read(document, huaweiCredentials(), name).catch((failed: unknown) => failed)
      const { message } = error as Error
      expect(message).toContain(`secret ${name}: member ${said}`)
      expect(message).not.toContain('\n')
      for (const line of material) expect(message).not.toContain(line)
    }
  })
})
