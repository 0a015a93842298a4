import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { huawei } from '../../../shared/providers/huawei/index.ts'
import type { OverlayContent } from '../../../shared/providers/provider.ts'
import { ask, batch, content, document, freshCredentials } from './app.ts'

const credentials = freshCredentials()
const { overlayCategory: _, ...bare } = document
const uncategorised = huawei.credentials.parse(bare)

async function bodyOf(overlay: Partial<OverlayContent>) {
  const { sending } = await ask('overlay', { content: { ...content, ...overlay } })
  const body: { payload: { notification: object }; target: object; pushOptions?: object } = JSON.parse(
    String(sending?.body),
  )
  return body
}

function assess(overlay: Partial<OverlayContent>, own = credentials) {
  const facts = { names: { notifyId: 1 }, audience: null, record: null, overlay: { ...content, ...overlay } }
  return huawei.assess('overlay', { credentials: own, ...facts })
}

describe('an overlay on HarmonyOS', () => {
  it('opens the page that declares the link', async () => {
    const { payload } = await bodyOf({ url: 'https://example.com/page' })
    expect(payload.notification).toMatchObject({ clickAction: { actionType: 1, uri: 'https://example.com/page' } })
    expect(assess({ url: 'https://example.com/page' }).warnings.join(' ')).toContain('no browser')
  })

  it('takes the category of the request before that of the app', async () => {
    expect((await bodyOf({ options: { category: 'WORK' } })).payload.notification).toMatchObject({ category: 'WORK' })
    expect((await bodyOf({})).payload.notification).toMatchObject({ category: 'MARKETING' })
  })

  it('carries documented members of the notification and of pushOptions', async () => {
    const notification = { badge: { setNum: 0 }, foregroundShow: false, clickAction: { actionType: 0, data: { a: 1 } } }
    const pushOptions = { ttl: 60, biTag: 'recall' }
    const body = await bodyOf({ options: { notification, pushOptions } })
    expect(body).toMatchObject({ payload: { notification }, pushOptions })
  })

  it('never takes tokens or ids from the request', async () => {
    const plain = await bodyOf({})
    const stray = fc.dictionary(
      fc.constantFrom(
        'notifyId',
        'appMessageId',
        'token',
        'target',
        'payload',
        'backgroundMode',
        'extraData',
        '__proto__',
      ),
      fc.jsonValue(),
    )
    await fc.assert(
      fc.asyncProperty(stray, stray, stray, async (top, notification, pushOptions) => {
        expect(await bodyOf({ options: { ...top, notification, pushOptions } })).toEqual(plain)
      }),
      { seed: 3, numRuns: 200 },
    )
    expect(plain.target).toEqual({ token: JSON.parse(batch.json.toString()) })
  })

  it('must have a category', () => {
    const path = '/options/huawei/category'
    expect(assess({}, uncategorised).invalid).toEqual([{ path, message: expect.stringMatching(/^is required/) }])
    expect(assess({ options: { category: 7 } }).invalid).toEqual([{ path, message: expect.stringMatching(/^must be/) }])
    expect(assess({ options: { category: 'IM' } }, uncategorised).invalid).toEqual([])
  })

  it('names the members that must be mended', () => {
    const options = { tokens: [], notification: { notifyId: 1, appMessageId: 'a' }, pushOptions: { backgroundMode: 1 } }
    expect(assess({ options }).invalid.map(({ path }) => path)).toEqual([
      '/options/huawei/tokens',
      '/options/huawei/notification/notifyId',
      '/options/huawei/notification/appMessageId',
      '/options/huawei/pushOptions/backgroundMode',
    ])
    expect(assess({ options: { notification: [] } }).invalid).toEqual([
      { path: '/options/huawei/notification', message: 'must be an object' },
    ])
  })

  it('has at most 4,096 bytes without its tokens', async () => {
    const bytesOf = async (body: string) => {
      const { sending } = await ask('overlay', { handle: '1', content: { ...content, body } })
      return Buffer.byteLength(String(sending?.body).replace(batch.json.toString(), '[]'))
    }
    const room = 4096 - (await bytesOf(''))
    expect(assess({ body: 'x'.repeat(room) }).invalid).toEqual([])
    expect(await bytesOf('x'.repeat(room))).toBe(4096)
    expect(assess({ body: 'x'.repeat(room + 1) }).invalid).toEqual([
      { path: '', message: 'makes a message of 4097 bytes, and Push Kit takes at most 4096' },
    ])
  })
})

describe('the assessment', () => {
  const facts = { credentials, names: { notifyId: 1 }, audience: null, record: null, overlay: null }

  it('offers no stop', () => {
    expect('stop' in huawei).toBe(false)
    expect(huawei.assess('stop', facts).refusal).toContain('no stop')
  })

  it('warns in words of what the documents restrict', () => {
    const revoke = huawei.assess('revoke', facts)
    expect(revoke.effects).toEqual([{ channel: 'harmony', effect: 'removed' }])
    expect(revoke.warnings.join(' ')).toMatch(
      /not delivered yet, or shown and not clicked.*Badges keep their number.*Phone, Tablet and PC\/2in1; Wearable from 5\.1\.0\(18\), TV from 5\.1\.1\(19\)/,
    )
    const overlay = huawei.assess('overlay', facts)
    expect(overlay.effects).toEqual([{ channel: 'harmony', effect: 'replaced' }])
    expect(overlay.warnings.join(' ')).toMatch(/also appears on devices where the old one was clicked/)
  })
})
