/** What a newcomer finds: three campaigns on the phones, registered as a sender would register them. */
import { createHash } from 'node:crypto'
import { createApiKey } from '../shared/access/api-key.ts'
import type { Role } from '../shared/functions.ts'
import type { Sandbox } from './sandbox.ts'

export type DemoKeys = { readonly [R in Role]: string }

/** Who holds the demo keys, and signs in at the sandbox's issuer. */
export const demoPeople: { readonly [R in Role]: string } = {
  sender: 'campaign-system',
  viewer: 'zhao.min',
  operator: 'li.wei',
  approver: 'wang.fang',
  admin: 'chen.jie',
}
export const demoRoles = Object.keys(demoPeople) as Role[]

export function createDemoKeys(): DemoKeys {
  return Object.fromEntries(demoRoles.map(role => [role, createApiKey().key])) as DemoKeys
}

/** The document `unpush/access` for the demo keys. */
export function demoAccess(keys: DemoKeys): object {
  return {
    keys: demoRoles.map(role => ({
      id: role,
      sha256: createHash('sha256').update(keys[role]).digest('hex'),
      role,
      apps: ['*'],
      person: demoPeople[role],
    })),
  }
}

export interface Campaigns {
  /** The content id that all three carry. */
  readonly content: string
}

/** Sends three campaigns through the sandbox vendors and registers them. The content id names this round. */
export async function seedCampaigns(sandbox: Sandbox, url: string, key: string, round: string): Promise<Campaigns> {
  const content = `article:${round}`
  const title = '限时优惠：全场一元'
  const body = '点击领取 https://promo.example.com/一元（链接填错了，需要撤回）'
  const android = sandbox.pushTpns({ app: 'news-android', title, content: body, audience: 'all' })
  const ios = sandbox.pushTpns({ app: 'news-ios', title, content: body, audience: 'all' })
  const notifyId = Number(BigInt(`0x${createHash('sha256').update(round).digest('hex').slice(0, 7)}`)) + 1
  const tokens = sandbox.harmonyTokens()
  sandbox.pushHarmony({ notifyId, tokens, title, body })
  const register = async (id: string, target: object) => {
    const reply = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: `${id}-${round}`, contents: [content], title, body, targets: [target] }),
    })
    if (reply.status !== 201) throw new Error(`seeding failed: ${reply.status} ${await reply.text()}`)
  }
  await register('promo-android', {
    app: 'news-android',
    pushId: android.pushId,
    audience: 'all',
    audienceSize: sandbox.deviceCount('news-android'),
  })
  await register('promo-ios', {
    app: 'news-ios',
    pushId: ios.pushId,
    audience: 'all',
    audienceSize: sandbox.deviceCount('news-ios'),
  })
  await register('promo-harmony', { app: 'news-harmony', notifyId, tokens })
  return { content }
}
