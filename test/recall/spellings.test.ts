/** One device, however its push token is written: at vendors that take several spellings, and at no others. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf } from '../../shared/ledger/tokens.ts'
import { allProviders, vendors } from '../../shared/providers/registry.ts'
import { canonicalLines, canonicalTokens, readExceptions } from '../../shared/recall/spellings.ts'
import { readTokenLines } from '../../shared/recall/token-lines.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
/** Of each vendor that takes several spellings, tokens in the one that counts. */
const forms: { readonly [vendor: string]: fc.Arbitrary<string> } = {
  apns: fc.oneof(hex, fc.stringMatching(/^[0-9a-f]{160}$/)),
  onesignal: fc.uuid(),
}
/** The same token, some of its letters in upper case. */
const written = (token: string, mask: number) =>
  Array.from(token, (letter, at) => ((mask >>> (at % 31)) & 1 ? letter.toUpperCase() : letter)).join('')
const anyToken = fc.oneof(
  hex.map(token => token.toUpperCase()),
  fc.uuid(),
  fc.string({ minLength: 1 }).filter(text => !/[\n\r]/.test(text)),
)

describe(`push tokens in several spellings (seed ${seed})`, () => {
  it('are one token at a vendor that takes them all, come they as a list or as lines', async () => {
    const providers = await allProviders()
    const several = providers.filter(({ canonicalToken }) => canonicalToken !== undefined)
    expect(several.map(({ name }) => name).sort()).toEqual(Object.keys(forms).sort())
    for (const provider of several) {
      const form = forms[provider.name] ?? fc.constant('')
      fc.assert(
        fc.property(fc.array(fc.tuple(form, fc.nat(), anyToken), { minLength: 1, maxLength: 20 }), list => {
          const spelled = list.map(([token, mask]) => written(token, mask))
          const tokens = canonicalTokens(provider, spelled)
          expect(tokens).toEqual(list.map(([token]) => token))
          expect(canonicalTokens(provider, tokens)).toEqual(tokens)
          // what is of another form is left as it is by nobody else's rule
          const mixed = list.flatMap(([token, mask, other]) => [other, written(token, mask)])
          const lines = readTokenLines(Buffer.from(mixed.map(token => JSON.stringify(token)).join('\r\n')))
          expect(canonicalLines(provider, lines)).toEqual(linesOf(canonicalTokens(provider, mixed) ?? []))
        }),
        { numRuns: 100, seed },
      )
    }
  })

  it('are not looked at for a vendor to which each text is a device', async () => {
    for (const provider of await allProviders()) {
      if (provider.canonicalToken !== undefined) continue
      const tokens = ['ABCDEF0123456789', 'abcdef0123456789']
      const lines = linesOf(tokens)
      expect(canonicalTokens(provider, tokens)).toBe(tokens)
      expect(canonicalLines(provider, lines)).toBe(lines)
    }
  })

  it('are left alone in every spelling at those vendors, and as they were given at all others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(hex, fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 }), async list => {
        const given = list.flatMap(([token, one, other]) => [written(token, one), written(token, other), `${token}:x`])
        const { tokens, spellings, devices } = await readExceptions(vendors, given)
        expect(tokens).toEqual([...new Set(given)])
        expect(devices).toHaveLength(2 * new Set(list.map(([token]) => token)).size)
        for (const [token] of list) {
          expect(devices).toContain(token)
          if (/[a-f]/.test(token))
            expect(spellings['apns']).toEqual(expect.arrayContaining([token, token.toUpperCase()]))
        }
        expect(Object.keys(spellings).filter(name => name !== 'apns')).toEqual([])
      }),
      { numRuns: 50, seed },
    )
  })
})
