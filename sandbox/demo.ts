/** What a newcomer finds: a wrong push on the phones of every vendor, registered as a sender would register it. */
import { createHash } from 'node:crypto'
import { createApiKey } from '../shared/access/api-key.ts'
import type { Role } from '../shared/functions.ts'
import type { Campaign, DemoMessage } from './vendors/stand-in.ts'

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

interface Demo {
  demo(campaign: Campaign): readonly DemoMessage[]
}

export interface Seeded {
  /** The content id that all messages carry. */
  readonly content: string
  /** How many there are: one an app. */
  readonly messages: number
}

/** Sends the wrong push through every vendor of the sandbox and registers it. The content id names this round. */
export async function seedCampaigns(sandbox: Demo, url: string, key: string, round: string): Promise<Seeded> {
  const content = `article:${round}`
  const title = '限时优惠：全场一元'
  const body = '点击领取 https://promo.example.com/一元（链接填错了，需要撤回）'
  const messages = sandbox.demo({ title, body, round })
  for (const { id, target } of messages) {
    const reply = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: `${id}-${round}`, contents: [content], title, body, targets: [target] }),
    })
    if (reply.status !== 201) throw new Error(`seeding failed: ${reply.status} ${await reply.text()}`)
  }
  return { content, messages: messages.length }
}
