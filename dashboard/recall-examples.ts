/** Examples of what recalls are asked for with. */
import type { Operation } from '../shared/operation.ts'
import type { Words } from '../shared/words.ts'
import {
  type DocumentedVendor,
  documentedVendors,
  spaced,
  targetFor,
  taskVendor,
  tokenVendor,
} from './documented-vendors.ts'
import type { Example } from './operation.ts'

export const why = { reason: 'wrong link', ticket: 'INC-7' }
export const whyExample: Example = { summary: ['With a reason', '附原因'], value: { reason: 'wrong link after all' } }
export const byMessage: Example = {
  summary: ['A message that was registered', '已登记的消息'],
  value: { message: 'promo-2026-11-23', ...why, fallback: true, dryRun: false },
}
export const byContent: Example = {
  summary: ['Every message with this content', '含该内容的所有消息'],
  value: { content: 'article:42', ...why },
}
export const allButOne: Example = {
  summary: ['Everyone but one device', '除一台设备外的所有人'],
  value: { message: 'promo-2026-11-23', exceptTokens: ['pushToken1'], ...why },
}
/** One for each vendor that offers it, under its name; of the first two of their kinds under what they show. */
export function byVendor(operation: Operation): { readonly [name: string]: Example } {
  const examples = documentedVendors.flatMap((vendor): (readonly [string, Example])[] => {
    const target = targetFor(operation, vendor)
    if (target === null) return []
    const name = vendor === taskVendor ? 'push' : vendor === tokenVendor ? 'tokens' : vendor.provider.name
    return [[name, { summary: summaryOf(vendor, target), value: { target, ...why } }]]
  })
  return Object.fromEntries(examples)
}

function summaryOf({ provider: { title } }: DocumentedVendor, target: { readonly tokens?: unknown }): Words {
  const [, member = ''] = Object.keys(target)
  return target.tokens === undefined
    ? [`A push of ${title[0]} by its ${member}`, `按 ${member} 指定${spaced(title[1])}推送`]
    : [`Devices of ${title[0]} by ${member} and tokens`, `按 ${member} 与 token 指定${spaced(title[1])}设备`]
}

export function optionsOf(vendors: readonly DocumentedVendor[]): object {
  const given = vendors.flatMap(({ provider, documents: { options } }) =>
    options === undefined ? [] : [[provider.name, options] as const],
  )
  return Object.fromEntries(given)
}

export const decisionExample: Example = {
  summary: ['Bound to what was shown', '绑定所见内容'],
  value: {
    digest: '5d2c9be1f0a3478894c6d1e7b20f3a65c8d9e0f1a2b3c4d5e6f708192a3b4c5d-1200003',
    reason: 'seen with the editor on duty',
  },
}
export const plan: Example = {
  summary: ['Only the plan', '只看方案'],
  value: { message: 'promo-2026-11-23', dryRun: true },
}
