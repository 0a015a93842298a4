/** How operations name devices, and how one push with several names is known. */
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import type { Addressing, Handle, Names, Provider } from '../../shared/providers/provider.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { addressingOf, batchSizeOf, isWhole, takesTokens } from '../../shared/recall/addressing.ts'
import { planTarget } from '../../shared/recall/plan.ts'
import { keptAudience, readAudience, shownAudience } from '../../shared/recall/audience.ts'
import { keyOf, vendorRequest } from '../../shared/recall/vendor-request.ts'
import {
  identityOf,
  keptNames,
  madeByVendor,
  namesOf,
  senderKeyOf,
  viewHandle,
  withNative,
} from '../../shared/recall/view-handle.ts'
import { fakeProvider, yes } from '../support/fake-provider.ts'

const fake = fakeProvider({ addressing: 'tokens', answer: () => yes }).provider

/** A vendor whose operations name devices in these ways. */
function offering(
  ways: { readonly [O in 'stop' | 'revoke' | 'overlay']?: readonly [Addressing, ...Addressing[]] },
): Provider {
  const rest = { confirmedBy: [], needsRecord: false, repeatable: true, channels: [] }
  const operations = Object.fromEntries(
    Object.entries(ways).map(([name, addressing]) => [name, { ...rest, addressing }]),
  )
  return { ...fake, capabilities: { ...fake.capabilities, operations } }
}

describe('how an operation names devices', () => {
  const vendor = offering({
    stop: [{ by: 'task' }],
    revoke: [{ by: 'tokens', most: 200 }, { by: 'audience' }],
    overlay: [{ by: 'token', together: 500 }],
  })
  it('is told by operation, and an audience goes before tokens where the target states one', () => {
    expect(addressingOf(vendor, 'stop', { audience: 'all' })?.by).toBe('task')
    expect(addressingOf(vendor, 'revoke', { audience: null })?.by).toBe('tokens')
    expect(addressingOf(vendor, 'revoke', { audience: { tag: 'x' } })?.by).toBe('audience')
    expect(addressingOf(vendor, 'overlay', { audience: 'all' })?.by).toBe('token')
    expect(addressingOf(offering({}), 'stop', { audience: null })).toBeNull()
  })
  it('decides how large a batch is: one that fits them all', () => {
    expect(batchSizeOf(vendor)).toBe(200)
    expect(batchSizeOf(offering({ overlay: [{ by: 'token', together: 500 }] }))).toBe(500)
    expect(batchSizeOf(offering({ overlay: [{ by: 'tokens', most: 20_000 }] }))).toBe(1000)
    expect(takesTokens(vendor)).toBe(true)
    expect(takesTokens(offering({ stop: [{ by: 'task' }], overlay: [{ by: 'audience' }] }))).toBe(false)
    expect([{ by: 'task' } as const, { by: 'audience' } as const].every(isWhole)).toBe(true)
  })
  it('is what its request says', () => {
    const tokens = { json: Buffer.from('["a"]'), count: 1 }
    const work = { handle: '7', names: null, audience: null, tokens, record: null }
    expect(vendorRequest(vendor, 'revoke', work).named).toEqual({ by: 'tokens', ...tokens })
    expect(vendorRequest(vendor, 'stop', work).named).toEqual({ by: 'task' })
    expect(vendorRequest(vendor, 'status', work).named).toEqual({ by: 'task' })
    expect(vendorRequest(vendor, 'revoke', { ...work, audience: 'all' }).named).toEqual({
      by: 'audience',
      audience: 'all',
    })
  })
})

/** Takes these names, and is of no use to anybody else. */
function targetOf(members: z.core.$ZodLooseShape): Provider['target'] {
  return z.pipe(
    z.strictObject(members),
    z.transform(names => ({ names: names as Names, tokens: null, audience: null, audienceSize: null })),
  )
}

describe('the names of a push', () => {
  const handle = (member: string, json: Handle['json'], madeBy: Handle['madeBy']): Handle => ({
    member,
    json,
    madeBy,
    sample: 1,
    words: ['A name.', '名称'],
  })
  const named = {
    name: 'x',
    handles: [handle('taskId', 'string', 'vendor'), handle('key', 'integer', 'sender')],
    target: targetOf({ taskId: z.optional(z.string().check(z.regex(/^T/))), key: z.optional(z.int()) }),
  } as const
  it('have one that it is known by: the vendor’s own, where there is one', () => {
    expect(identityOf(named, { key: 7, taskId: 'T' })).toMatchObject({ value: 'T', handle: { madeBy: 'vendor' } })
    expect(identityOf(named, { key: 7 })).toMatchObject({ value: '7', handle: { madeBy: 'sender' } })
    expect([madeByVendor(named, null), madeByVendor(named, { key: 7 })]).toEqual([true, false])
    expect([senderKeyOf(named, { key: 7, taskId: 'T' }), senderKeyOf(named, { taskId: 'T' })]).toEqual(['7', null])
    expect(() => identityOf(named, { topic: 'news' })).toThrow('without a handle')
  })
  it('are kept only where the identity does not tell them', () => {
    expect(keptNames(named, { taskId: 'T' })).toBeNull()
    for (const names of [{ key: 7 }, { taskId: 'T', key: 7 }, { taskId: 'T', topic: 'news' }])
      expect(namesOf(named, identityOf(named, names).value, keptNames(named, names))).toEqual(names)
  })
  it('may be given as the handle, in the vendor’s own JSON type, and never as two different ones', () => {
    const key = { handles: [handle('key', 'integer', 'sender')], target: targetOf({ key: z.int() }) } as const
    expect(withNative(key, { handle: '7', tokens: ['t'] })).toEqual({ key: 7, tokens: ['t'] })
    expect(withNative(key, { handle: 'x' })).toEqual({ key: 'x' })
    expect(withNative(named, { handle: 'T7' })).toEqual({ taskId: 'T7' })
    // it can be no id of the vendor's
    expect(withNative(named, { handle: '7' })).toEqual({ key: 7 })
    expect(withNative(named, { handle: 'x' })).toEqual({ taskId: 'x' })
    expect(withNative(named, { handle: 'T', taskId: 'T' })).toEqual({ taskId: 'T' })
    expect(withNative(named, { handle: 'T', taskId: 'U' })).toEqual({ handle: 'T', taskId: 'U' })
    expect(withNative(named, { key: 7 })).toEqual({ key: 7 })
    expect(withNative(named, { key: 7, handle: 'T7' })).toEqual({ key: 7, taskId: 'T7' })
  })
  it('of every registered vendor can be sent back as an answer shows them', async () => {
    for (const provider of await allProviders()) {
      for (const { member, sample } of provider.handles) {
        const { names } = provider.target.parse({ [member]: sample })
        const shown = viewHandle(provider, identityOf(provider, names).value, keptNames(provider, names))
        expect(shown).toHaveProperty('handle')
        expect(provider.target.parse(withNative(provider, { ...shown })).names, `${provider.name} ${member}`).toEqual(
          names,
        )
      }
    }
  })
  it('are shown in their JSON type, under handle where no such vendor is here', () => {
    expect(namesOf({ handles: [handle('key', 'integer', 'sender')] }, '7', null)).toEqual({ key: 7 })
    expect(namesOf({ handles: [handle('id', 'string', 'vendor')] }, '9007199254740993', null)).toEqual({
      id: '9007199254740993',
    })
    expect(viewHandle(null, '7', null)).toEqual({ handle: '7' })
  })
  it('can be read back from every target that a registered vendor takes, and are in words', async () => {
    for (const provider of await allProviders()) {
      const [first] = provider.handles
      const read = provider.target.parse({ [first.member]: first.sample })
      expect(read.names).toEqual({ [first.member]: first.sample })
      expect(namesOf(provider, identityOf(provider, read.names).value, null)).toEqual(read.names)
      for (const words of [provider.title, ...provider.handles.map(one => one.words)])
        expect(words.every(text => text !== '')).toBe(true)
    }
  })
})

describe('the key of a unit of work', () => {
  const unit = { recallId: 'rcl_1', id: 7, operation: 'overlay' } as const
  it('is a UUID that stays the same over repeats and belongs to this operation of this unit alone', () => {
    expect(keyOf(unit, null)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(keyOf({ ...unit }, null)).toBe(keyOf(unit, null))
    const others = [
      { ...unit, id: 8 },
      { ...unit, recallId: 'rcl_2' },
      { ...unit, operation: 'stop' as const },
    ]
    expect(new Set([unit, ...others].map(one => keyOf(one, null))).size).toBe(4)
  })
})

describe('a plan', () => {
  it('says why a vendor cannot do it in the vendor’s own words, and in ours where it has none', () => {
    const plan = (provider: Provider) =>
      planTarget({
        operation: 'stop',
        fallback: false,
        overlay: null,
        app: 'a',
        handle: '1',
        names: null,
        audience: null,
        audienceSize: null,
        provider,
        credentials: { provider: 'x' },
        record: null,
        superseded: false,
        overlaidAlike: false,
        excepts: false,
        today: '2026-11-29',
      }).refusal
    const without = fakeProvider({ addressing: 'tokens', answer: () => yes, methods: ['revoke'] }).provider
    expect(plan(without)).toBe('fake-tokens offers no stop.')
    const refusal = 'It ends by itself.'
    expect(plan({ ...without, assess: () => ({ ...fake.assess('stop', null as never), refusal }) })).toBe(refusal)
  })
})

describe('an audience', () => {
  it('is kept exactly, and shown without the devices and people that it lists', () => {
    const listed = { type: 'alias', aliases: ['a', 'b'], and: { tokens: ['t'] } }
    for (const audience of ['all', listed, null]) expect(readAudience(keptAudience(audience))).toEqual(audience)
    expect(shownAudience(keptAudience(listed))).toEqual({ type: 'alias', aliases: 2, and: { tokens: 1 } })
    expect(shownAudience('all')).toBe('all')
  })
})
