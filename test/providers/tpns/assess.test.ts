import { describe, expect, it } from 'vitest'
import { tpns } from '../../../shared/providers/tpns/index.ts'
import { android, example, facts, ios, record, recordOf } from './app.ts'

describe('the assessment', () => {
  it.each(['token', 'token_list', 'account'])('refuses everything for the audience %s', audience => {
    for (const operation of ['stop', 'revoke', 'overlay'] as const) {
      expect(tpns.assess(operation, facts({ audience })).refusal).toContain(audience)
      expect(tpns.assess(operation, facts({ record: recordOf({ pushType: audience }) })).refusal).toContain(audience)
    }
  })

  it.each(['account_list', null])('warns of the audience %s, and lets it be tried', audience => {
    for (const operation of ['stop', 'revoke', 'overlay'] as const) {
      const { refusal, warnings } = tpns.assess(operation, facts({ audience }))
      expect(refusal).toBeNull()
      expect(warnings.length).toBe(tpns.assess(operation, facts({})).warnings.length + 1)
    }
  })

  it('believes the record more than the caller', () => {
    expect(tpns.assess('stop', facts({ audience: 'token', record })).refusal).toBeNull()
    expect(tpns.assess('overlay', facts({ audience: 'tag', record })).toEverybody).toBe(true)
    expect(tpns.assess('overlay', facts({ audience: 'tag' })).toEverybody).toBe(false)
    expect(tpns.assess('stop', facts({})).toEverybody).toBe(false)
  })

  it('refuses stop on iOS, unless the push still waits', () => {
    expect(tpns.assess('stop', facts({ credentials: ios })).refusal).toContain('iOS')
    const waiting = tpns.assess('stop', facts({ credentials: ios, record: recordOf({}, 'PUSH_WAIT') }))
    expect(waiting).toMatchObject({ refusal: null, effects: [{ channel: 'apns', effect: 'stopped' }] })
    expect(waiting.warnings.join(' ')).toContain('looped')
  })

  it('tells the effects by channel', () => {
    const effectsOf = (operation: 'stop' | 'revoke' | 'overlay', credentials = android) =>
      Object.fromEntries(
        tpns.assess(operation, facts({ credentials })).effects.map(({ channel, effect }) => [channel, effect]),
      )
    const none = { oppo: 'none', vivo: 'none', honor: 'none', fcm: 'none', 'huawei-emui9': 'none' }
    const others = ['xiaomi', 'meizu', 'huawei', 'harmony']
    const all = (effect: string) => Object.fromEntries(others.map(channel => [channel, effect]))
    expect(effectsOf('revoke')).toEqual({ ...none, ...all('none'), tpns: 'removed' })
    expect(effectsOf('overlay')).toEqual({ ...none, ...all('replaced'), tpns: 'replaced' })
    expect(new Set(Object.values(effectsOf('stop')))).toEqual(new Set(['stopped']))
    expect(effectsOf('revoke', ios)).toEqual({ apns: 'removed' })
    expect(effectsOf('overlay', ios)).toEqual({ apns: 'replaced' })
  })

  it('warns in words of what the documents restrict', () => {
    const words = (...given: Parameters<typeof tpns.assess>) => tpns.assess(...given).warnings.join(' ')
    expect(words('revoke', facts({}))).toMatch(/2025-03-25.*own channel.*offline delivery/)
    expect(words('revoke', facts({ credentials: ios }))).toMatch(/process of the app lives/)
    expect(words('overlay', facts({ overlay: example }))).toMatch(/offline delivery.*OPPO.*do not get the new one/)
    expect(words('overlay', facts({ overlay: { ...example, forceCollapse: true } }))).toMatch(/beside the old one/)
    expect(words('overlay', facts({ credentials: ios, overlay: example }))).not.toMatch(/OPPO/)
    const options = { android: { custom_content: '{}', action: {} }, ios: { custom_content: '{}' } }
    const linked = { ...example, url: 'https://example.com/', options }
    expect(words('overlay', facts({ overlay: linked }))).toMatch(/custom_content for Huawei.*android\.action stands/)
    expect(words('overlay', facts({ credentials: ios, overlay: linked }))).toMatch(/only the app.*ios\.custom_content/)
    for (const status of ['PUSH_REVOKED', 'PUSH_DELETED_PUSH_MSG', 'PUSH_COLLAPSED', 'PUSH_FAILED', 'PUSH_DELETED']) {
      expect(words('stop', facts({ record: recordOf({}, status) }))).toMatch(/TPNS's own record says/)
    }
    expect(words('stop', facts({ record }))).not.toMatch(/own record/)
  })

  it('names the members of an overlay that must be mended', () => {
    const options = {
      audience: 'all',
      android: { n_id: 1, hw_ch_id: 'x' },
      ios: { aps: { 'content-available': 1 }, 'a/b': 1 },
    }
    const { invalid } = tpns.assess('overlay', facts({ overlay: { ...example, options } }))
    expect(invalid.map(({ path }) => path)).toEqual([
      '/options/tpns/audience',
      '/options/tpns/android/n_id',
      '/options/tpns/ios/a~1b',
      '/options/tpns/ios/aps/content-available',
    ])
    expect(tpns.assess('overlay', facts({ overlay: { ...example, options: { android: 1 } } })).invalid).toEqual([
      { path: '/options/tpns/android', message: 'must be an object' },
    ])
  })

  it('counts the bytes of the message, not its characters', () => {
    const overhead = Buffer.byteLength('{"title":"t","content":""}')
    const fits = { ...example, title: 't', body: '汉'.repeat(Math.floor((4096 - overhead) / 3)) }
    expect(tpns.assess('overlay', facts({ overlay: fits })).invalid).toEqual([])
    const over = { ...fits, body: `${fits.body}abc` }
    expect(tpns.assess('overlay', facts({ overlay: over })).invalid).toEqual([
      { path: '', message: expect.stringMatching(/^makes a message of \d{4} bytes.*4096$/) },
    ])
  })
})
