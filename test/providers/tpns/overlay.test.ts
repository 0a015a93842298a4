import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OverlayContent } from '../../../shared/providers/provider.ts'
import { tpns, type TpnsCredentials } from '../../../shared/providers/tpns/index.ts'
import { openCredentials } from '../subject.ts'
import { ask, document, example, facts, ios, record, recordOf, targetOf } from './app.ts'

/** The push that overlays a push with this record; null where none was sent. */
async function pushOf(detail: object, given: { content?: OverlayContent; credentials?: TpnsCredentials } = {}) {
  const { sending, outcome } = await ask('overlay', targetOf('1', recordOf(detail)), given)
  const push: { [member: string]: unknown } | null = sending === undefined ? null : JSON.parse(String(sending.body))
  return { push, outcome, body: String(sending?.body) }
}

describe('an overlay', () => {
  it('repeats tags with their operator', async () => {
    const tagSet = {
      op: 'AND',
      tagWithType: [
        { tagTypeName: 'xg_user_define', tagValue: 'test68' },
        { tagTypeName: 'xg_auto_province', tagValue: 'guangdong' },
      ],
    }
    const { push } = await pushOf({ pushType: 'tag', tagSet })
    expect(push).toMatchObject({
      audience_type: 'tag',
      tag_rules: [
        {
          operator: 'AND',
          is_not: false,
          tag_items: [
            {
              tags: ['test68'],
              is_not: false,
              tags_operator: 'AND',
              items_operator: 'AND',
              tag_type: 'xg_user_define',
            },
            { tags: ['guangdong'], items_operator: 'AND', tag_type: 'xg_auto_province' },
          ],
        },
      ],
    })
  })

  it('repeats a number package, whatever its id is long', async () => {
    const { body } = await pushOf({ pushType: 'package_account_push', uploadId: '9223372036854775807' })
    expect(body).toContain('"audience_type":"package_account_push"')
    expect(body).toMatch(/,"upload_id":9223372036854775807\}$/)
  })

  it.each([
    [0, 0],
    [86_400, 86_400],
    [259_200, undefined],
    [999_999, undefined],
    [null, undefined],
  ])('keeps the offline delivery of %s s', async (expireTime, expected) => {
    expect((await pushOf({ expireTime })).push?.['expire_time']).toBe(expected)
  })

  it('keeps the environment on iOS, and the one of the app only where the record has none', async () => {
    const content = { ...example, url: 'https://example.com/' }
    const dev = openCredentials(tpns, { ...document, platform: 'ios', environment: 'dev' })
    const kept = (await pushOf({}, { credentials: dev, content })).push
    expect(kept).toMatchObject({ environment: 'product', platform: 'ios' })
    expect(kept?.['message']).toEqual({
      title: example.title,
      content: example.body,
      ios: { custom_content: '{"url":"https://example.com/"}', aps: { badge_type: -1 } },
    })
    expect((await pushOf({ environment: '' }, { credentials: dev })).push?.['environment']).toBe('dev')
    expect((await pushOf({ environment: '' }, { credentials: ios })).outcome.kind).toBe('unsupported')
  })

  it.each([
    ['https://example.com/a?b', { action_type: 2, browser: { url: 'https://example.com/a?b', confirm: 0 } }],
    ['xgscheme://com.xg.push/detail', { action_type: 3, intent: 'xgscheme://com.xg.push/detail' }],
  ])('opens %s on Android', async (url, action) => {
    const { push } = await pushOf({}, { content: { ...example, url } })
    expect(push?.['message']).toMatchObject({ android: { action } })
  })

  it.each<[string, object]>([
    ['no collapse id', { collapseID: 0 }],
    ['a collapse id over 32 bits', { collapseID: 4294967296 }],
    ['a collapse id that is no number', { collapseID: 'x' }],
    ['a list of tokens', { pushType: 'token_list' }],
    ['a list of accounts', { pushType: 'account_list' }],
    ['a package of tokens', { pushType: 'package_token_push' }],
    ['an unknown audience', { pushType: null }],
    ['a package without an id', { pushType: 'package_account_push', uploadId: 0 }],
    ['no tag set', { pushType: 'tag', tagSet: null }],
    ['an empty tag set', { pushType: 'tag', tagSet: { op: 'OR', tagWithType: [] } }],
    ['an unknown operator', { pushType: 'tag', tagSet: { op: 'NOT', tagWithType: [tag()] } }],
    ['an unknown member of the tag set', { pushType: 'tag', tagSet: { op: 'OR', tagWithType: [tag()], isNot: true } }],
    ['an unknown member of a tag', { pushType: 'tag', tagSet: { op: 'OR', tagWithType: [{ ...tag(), isNot: true }] } }],
    ['an unknown type of tag', { pushType: 'tag', tagSet: { op: 'OR', tagWithType: [tag('xg_new')] } }],
    ['an empty tag', { pushType: 'tag', tagSet: { op: 'OR', tagWithType: [tag('xg_user_define', '')] } }],
    ['a tag that is text', { pushType: 'tag', tagSet: { op: 'OR', tagWithType: ['test68'] } }],
    ['a message that shows nothing', { messageType: 'message' }],
  ])('is unsupported, without a request, where the record has %s', async (_, detail) => {
    const { outcome, push } = await pushOf(detail)
    expect(outcome.kind).toBe('unsupported')
    expect(push).toBeNull()
    expect(tpns.assess('overlay', facts({ record: recordOf(detail) })).refusal).toMatch(/\.$/)
  })

  it('is unsupported where the record was never read, and where nothing went out yet', async () => {
    for (const known of [null, recordOf({}, 'PUSH_WAIT'), recordOf({}, 'PUSH_CANCELED')]) {
      const { outcome, sent } = await ask('overlay', targetOf('1', known))
      expect(outcome.kind).toBe('unsupported')
      expect(sent).toHaveLength(0)
    }
  })

  it('never takes audience, environment, ids or the collapse id from the request', async () => {
    const audience = [
      'audience_type',
      'tag_rules',
      'tag_list',
      'token_list',
      'account_list',
      'upload_id',
      'environment',
    ]
    const ids = ['collapse_id', 'platform', 'message_type', 'expire_time', 'push_speed', 'channel_rules', 'send_time']
    const plain = (await pushOf({})).push
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...audience, ...ids, 'n_id', 'content-available', '__proto__'), fc.jsonValue()),
        async stray => {
          const options = { ...stray, android: { ...stray }, ios: { ...stray, aps: { ...stray } } }
          expect((await pushOf({}, { content: { ...example, options } })).push).toEqual(plain)
          const { push } = await pushOf({}, { content: { ...example, options }, credentials: ios })
          expect(push?.['message']).toEqual({
            title: example.title,
            content: example.body,
            ios: { aps: { badge_type: -1 } },
          })
        },
      ),
      { seed: 7, numRuns: 200 },
    )
  })

  it('hides the words it carried from what the vendor says of them', async () => {
    const content = { ...example, title: 'Breaking news', body: 'Something happened' }
    const text = '{"ret_code":1008019,"err_msg":"content may be evil: Breaking news / Something happened"}'
    const { outcome } = await ask('overlay', targetOf('1', record), { content, text })
    expect(outcome.vendor.message).toBe('content may be evil: [text] / [text]')
  })

  it('keeps the id of the new push', async () => {
    const text = '{"push_id":"1328245138690125824","err_msg":"NO_ERROR","ret_code":0,"seq":0}'
    const { outcome } = await ask('overlay', targetOf('1', record), { text })
    expect(outcome).toEqual({
      kind: 'accepted',
      vendor: { code: '0', message: 'NO_ERROR', requestId: '1328245138690125824', httpStatus: 200 },
    })
  })
})

function tag(tagTypeName = 'xg_user_define', tagValue = 'test68') {
  return { tagTypeName, tagValue }
}
