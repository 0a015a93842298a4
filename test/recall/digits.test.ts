/** Ids that a vendor prints as numbers, written as numbers in a request: for every name of a push at every vendor there is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { targetMembers } from '../../dashboard/push-names.ts'
import { recallBodies, registerBody, tokensBody } from '../../shared/api-schemas.ts'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { parseInput, readJson } from '../../shared/json.ts'
import { scanJson, type WrittenNumber } from '../../shared/json-scan.ts'
import { parsePasted } from '../../shared/pasted-json.ts'
import type { Handle, Provider } from '../../shared/providers/provider.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { isDigits, withNative } from '../../shared/recall/view-handle.ts'

type Target = Pick<Provider, 'handles' | 'target'>
type Members = Readonly<Record<string, unknown>>

const providers = await allProviders()
const names = providers.flatMap(provider => provider.handles.map(handle => ({ provider, handle })))
/** Found by what the schema says of itself, where the code finds them by what the schema takes. */
const hasDigitForm = ({ provider, handle: { member } }: (typeof names)[number]) => {
  const { [member]: schema } = targetMembers(provider)
  return typeof schema === 'object' && /^\^(\\d|\[0-9\])[{},\d+*]*\$$/.test(schema.pattern ?? '')
}
const ofDigits = names.filter(hasDigitForm)

/** Where a request names a push, and what the schema of its route makes of the text. */
const places: readonly ((members: string) => { readonly loose: Members; readonly body: unknown })[] = [
  members => {
    const body = read(registerBody(), `{"targets":[{"app":"b"},{"app":"a",${members}}]}`)
    return { body, loose: body.targets?.[1] ?? {} }
  },
  members => {
    const body = read(recallBodies.revoke(), `{"reason":"r","target":{${members},"app":"a"}}`)
    return { body, loose: body.target ?? {} }
  },
  members => {
    const body = read(tokensBody(), `{"app":"a","tokens":["t"],${members}}`)
    return { body, loose: body }
  },
]
const anyPlace = fc.constantFrom(...places)

function read<T>(schema: z.ZodMiniType<T>, text: string): T {
  return parseInput(schema, readJson(Buffer.from(text), text.length))
}

/** The name as the vendor takes it; null: its schema refuses that member. */
function nameIn(vendor: Target, member: string, loose: Members): string | number | undefined | null {
  const { app: _app, tokens: _tokens, ...others } = loose
  const result = vendor.target.safeParse(withNative(vendor, others))
  if (result.success) return result.data.names[member]
  return result.error.issues.some(({ path }) => path[0] === member) ? null : undefined
}

/** Mostly so many digits that a double does not hold them. */
const digits = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 9n }),
  fc.nat().map(BigInt),
)
/** Numbers of JSON that are no digits alone. */
const otherNumbers = fc.oneof(
  fc.constantFrom('1e3', '1E+3', '1.0', '150032.0', '-1', '-0', '0.5', '12345678901234567890.0', '9007199254740993e0'),
  fc.nat().map(number => `-${number}`),
  fc.tuple(fc.nat(), fc.nat({ max: 9 })).map(([whole, exponent]) => `${whole}e${exponent}`),
)

describe('an id of digits', () => {
  it('is known by the form that its vendor’s schema has', () => {
    expect(ofDigits.length).toBeGreaterThan(0)
    for (const one of names) expect(isDigits(one.provider, one.handle.member)).toBe(hasDigitForm(one))
  })

  it('may be written as a number, and keeps its digits, wherever a push is named, by its member or as the handle', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ofDigits),
        anyPlace,
        digits,
        fc.boolean(),
        ({ provider, handle }, at, id, byHandle) => {
          const member = byHandle ? 'handle' : handle.member
          const { loose, body } = at(`"${member}":${id}`)
          const asText = at(`"${member}":"${id}"`)
          expect(nameIn(provider, handle.member, loose)).toBe(String(id))
          expect(nameIn(provider, handle.member, asText.loose)).toBe(String(id))
          // another body, told apart from one whose digits are others
          expect(canonicalJson(body)).toContain(`"${member}":${id}`)
          expect(canonicalJson(body)).not.toBe(canonicalJson(asText.body))
          expect(canonicalJson(body)).not.toBe(canonicalJson(at(`"${member}":${id + 1n}`).body))
          const both = at(`"${handle.member}":${id},"handle":"${id}"`)
          expect(nameIn(provider, handle.member, both.loose)).toBe(String(id))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is refused at its place as any other number', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ofDigits), anyPlace, otherNumbers, ({ provider, handle }, at, number) => {
        expect(nameIn(provider, handle.member, at(`"${handle.member}":${number}`).loose)).toBeNull()
        expect(nameIn(provider, handle.member, at(`"handle":${number}`).loose)).toBeNull()
      }),
      { numRuns: 200 },
    )
  })

  it('is told what it must be', () => {
    const [{ provider, handle } = { provider: providers[0], handle: null }] = ofDigits
    const said = (number: string) =>
      provider?.target.safeParse({ [handle?.member ?? '']: Number(number) }).error?.issues.map(issue => issue.message)
    expect(said('1e3')).toEqual(['must be written in digits alone, as a string or as a number'])
  })

  it('keeps its digits in the document of an app, too', () => {
    expect(parsePasted('{"canary":{"pushId":9007199254740993}}')).toEqual({ canary: { pushId: '9007199254740993' } })
    expect(parsePasted('{"a":12,"b":"9007199254740993"}')).toEqual({ a: 12, b: '9007199254740993' })
  })
})

describe('any other name', () => {
  const others = names.filter(one => !hasDigitForm(one))
  it('is what it was: a number where it is one, and no number where it is text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...others),
        anyPlace,
        fc.oneof(digits.map(String), otherNumbers),
        (one, at, number) => {
          const { provider, handle } = one
          const taken = provider.target.safeParse({ [handle.member]: Number(number) })
          const before = taken.success || taken.error.issues.every(({ path }) => path[0] !== handle.member)
          const found = nameIn(provider, handle.member, at(`"${handle.member}":${number}`).loose)
          if (handle.json === 'string') expect(before).toBe(false)
          if (before) expect(found ?? Number(number)).toBe(Number(number))
          else expect(found).toBeNull()
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each([
    ['digits', /^\d{1,20}$/, '7001', true],
    ['digits in another spelling', /^[0-9]+$/, '7001', true],
    ['letters and digits', /^[A-Za-z0-9]{4}$/, '7001', false],
    ['hexadecimal', /^[0-9a-f]{4}$/, '7001', false],
    ['hexadecimal in capitals', /^[0-9A-F]{4}$/, '7001', false],
    ['a form with more than digits', /^\d{4}-\d{4}$/, '7001-7002', false],
  ])('of a vendor to come: %s', (_what, form, sample, is) => {
    const handle: Handle = { member: 'id', json: 'string', madeBy: 'vendor', sample, words: ['An id.', '标识'] }
    const target = z.pipe(
      z.strictObject({ id: z.string().check(z.regex(form)) }),
      z.transform((found: { readonly id: string }) => ({
        names: found,
        tokens: null,
        audience: null,
        audienceSize: null,
      })),
    )
    expect(isDigits({ handles: [handle], target }, 'id')).toBe(is)
    expect(withNative({ handles: [handle], target }, { id: 7001n })).toEqual({ id: is ? '7001' : 7001 })
  })
})

it('is looked for where names of a push may stand, and kept only where JavaScript writes the number otherwise', () => {
  const found: WrittenNumber[] = []
  const text = `{"a":1,"b":1e3,"c":[1.0,{"d":-0,"e":12345678901234567890,"f":[{"g":1.0}]}],"h":true,"i":9007199254740992}`
  expect(scanJson(text, { values: 100, depth: 9, members: 9 }, found)).toBeNull()
  expect(found).toEqual([
    { path: ['b'], text: '1e3' },
    { path: ['c', 1, 'd'], text: '-0' },
    { path: ['c', 1, 'e'], text: '12345678901234567890' },
  ])
})
