/** What names a push, in the console and in the API document: as each vendor's own schema has it, for every vendor there is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  askedBy,
  handleOf,
  looksLike,
  nameMembers,
  nameOf,
  namesAt,
  namesToAsk,
} from '../../dashboard/console/handles.ts'
import { namesBeside } from '../../dashboard/push-names.ts'
import type { Names } from '../../shared/providers/provider.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { identityOf, keptNames, tellsStatus, viewHandle } from '../../shared/recall/view-handle.ts'
import { ajv, document } from '../dashboard/document.ts'

const providers = await allProviders()

/** Some of the names of a push, at least one handle among them. */
const pushes = fc.constantFrom(...providers).chain(provider => {
  const samples = provider.handles.map(({ member, sample }): readonly [string, string | number] => [member, sample])
  const beside = namesBeside(provider).map((member): readonly [string, string] => [member, 'x'])
  return fc
    .tuple(fc.subarray(samples, { minLength: 1 }), fc.subarray(beside))
    .map(([handles, others]) => ({ provider, names: Object.fromEntries([...handles, ...others]) satisfies Names }))
})

describe.each(providers.map(provider => [provider.name, provider] as const))('a name of %s', (name, provider) => {
  it('is asked for in a field of its own, and its sample is taken as the vendor takes it', () => {
    const { handles } = namesToAsk(name, () => '')
    expect(handles.map(({ member }) => member)).toEqual(provider.handles.map(({ member }) => member))
    for (const [place, handle] of handles.entries()) {
      const { member, sample } = provider.handles[place] ?? {}
      expect(nameOf(handle, String(sample)), member).toBe(sample)
    }
    expect(nameMembers).toEqual(expect.arrayContaining(handles.map(({ member }) => member)))
  })
  it('that is a number is good where the vendor says so', () => {
    for (const handle of namesAt(name)?.handles ?? []) {
      if (!handle.integer) continue
      const edge = handle.most ?? 0
      const numbers = fc.oneof(
        fc.maxSafeInteger(),
        fc.integer({ min: edge - 3, max: edge + 3 }),
        fc.constantFrom(0, -1),
      )
      fc.assert(
        fc.property(numbers, number => {
          const taken = provider.target.safeParse({ [handle.member]: number }).success
          expect(nameOf(handle, String(number))).toBe(taken ? number : null)
        }),
      )
    }
  })
  it('that is offered for some text is one that the vendor takes', () => {
    for (const handle of namesAt(name)?.handles ?? []) {
      const { sample = '' } = provider.handles.find(({ member }) => member === handle.member) ?? {}
      expect(looksLike(handle, String(sample))).toBe(handle.integer || handle.pattern !== undefined)
      const texts = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,22}$/), fc.uuid(), fc.constant(String(sample)))
      fc.assert(
        fc.property(texts, text => {
          const read = nameOf(handle, text)
          if (looksLike(handle, text)) expect(provider.target.safeParse({ [handle.member]: read }).success).toBe(true)
        }),
      )
    }
  })
})

describe('a push', () => {
  it('is known in every answer by the name that is its identity', () => {
    fc.assert(
      fc.property(pushes, fc.boolean(), ({ provider, names }, saysProvider) => {
        const { handle, value } = identityOf(provider, names)
        const answer = viewHandle(provider, value, keptNames(provider, names))
        const shown = handleOf({ app: 'a', ...(saysProvider ? { provider: provider.name } : {}), ...answer })
        expect(shown?.value).toBe(value)
        if (saysProvider) expect(shown?.member).toBe(handle.member)
      }),
    )
    expect(handleOf({ app: 'a', provider: 'none', handle: '7' })).toEqual({ member: 'handle', value: '7' })
    expect(handleOf({ app: 'a' })).toBeNull()
  })
  it('can be asked about where its vendor tells of it', () => {
    fc.assert(
      fc.property(pushes, ({ provider, names }) => {
        const by = askedBy({ provider: provider.name, ...names })
        expect(by !== null).toBe(tellsStatus(provider, names))
        if (by !== null) expect(tellsStatus(provider, { [by.member]: by.value })).toBe(true)
      }),
    )
  })
  it('has in answers no name that the API document does not know', () => {
    const { properties } = document.components.schemas['RecallTarget'] ?? {}
    const known = JSON.parse(JSON.stringify(properties).replaceAll('#/components', 'unpush#/components'))
    const isKnown = ajv.compile({ type: 'object', properties: known, additionalProperties: false })
    fc.assert(
      fc.property(pushes, ({ provider, names }) => {
        const answer = viewHandle(provider, identityOf(provider, names).value, keptNames(provider, names))
        expect(isKnown(answer), JSON.stringify(answer)).toBe(true)
      }),
    )
  })
})
