/** The fourteen pages of the console over a ledger that has something for each. */
import type { World } from './world.ts'

export interface PageOf {
  readonly name: string
  readonly hash: string
  /** It shows nothing that is asked for. */
  readonly bare?: boolean
}

export function everyPage({ messages, recalls }: World): readonly PageOf[] {
  return [
    { name: 'messages', hash: '#/messages' },
    { name: 'message', hash: `#/messages/${messages.long}` },
    { name: 'new', hash: '#/new', bare: true },
    { name: 'recalls', hash: '#/recalls' },
    { name: 'recall, blocked', hash: `#/recalls/${recalls.blocked}` },
    { name: 'recall, waiting', hash: `#/recalls/${recalls.waiting}` },
    { name: 'recall, partial', hash: `#/recalls/${recalls.partial}` },
    { name: 'recall, done', hash: `#/recalls/${recalls.done}` },
    { name: 'approvals', hash: '#/approvals' },
    { name: 'capabilities', hash: '#/capabilities' },
    { name: 'verdicts', hash: '#/verdicts' },
    { name: 'deliveries', hash: '#/deliveries' },
    { name: 'health', hash: '#/health' },
    { name: 'settings', hash: '#/settings', bare: true },
  ]
}

/** Dialogs, by the page that they lie over. */
export function everyDialog({ messages, recalls }: World): readonly PageOf[] {
  return [
    { name: 'revoke', hash: `#/messages/${messages.long}/revoke` },
    { name: 'overlay', hash: `#/messages/${messages.plain}/overlay` },
    { name: 'stop', hash: `#/messages/${messages.bare}/stop` },
    { name: 'revoke of several', hash: `#/new/revoke?messages=${messages.plain}+${messages.bare}` },
    { name: 'cancel', hash: `#/recalls/${recalls.blocked}/cancel` },
    { name: 'retry', hash: `#/recalls/${recalls.partial}/retry` },
    { name: 'meanwhile', hash: `#/recalls/${recalls.waiting}/meanwhile` },
  ]
}

/** Each string below a member of one of these names, and of lists so called, in another's place. */
export function replaced(body: unknown, by: (name: string, text: string) => string | null): unknown {
  const walk = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return by(name, value) ?? value
    if (Array.isArray(value)) return value.map(one => walk(one, name))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, walk(inner, member)]))
  }
  return walk(body, '')
}
