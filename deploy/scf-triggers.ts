/**
 * What starts a function on SCF: its Function URL and its timers
 * (https://cloud.tencent.com/document/product/583/39901). Triggers of other kinds are their owner's, and stay.
 */
import { listIn, objectIn, type Reply, type Scf } from './scf-api.ts'

export interface WantedTriggers {
  readonly url: boolean
  /** The URL answers nobody outside: a domain, and the WAF before it, is the one way in. */
  readonly closed?: boolean
  /** Seven fields, seconds first; UTC+8. */
  readonly timers: readonly { readonly cron: string; readonly message: string }[]
}

const namespace = 'default'
const qualifier = '$DEFAULT'
const ours = new Set(['http', 'timer'])
const urlSettings = (closed: boolean) => ({
  AuthType: 'NONE',
  NetConfig: { EnableIntranet: false, EnableExtranet: !closed },
})

interface Trigger {
  readonly Type: string
  readonly TriggerName: string
  readonly TriggerDesc: string
  readonly CustomArgument?: string
}

/** Returns whether anything was changed. */
export async function deployTriggers(scf: Scf, name: string, wanted: WantedTriggers): Promise<boolean> {
  const place = { FunctionName: name, Namespace: namespace, Qualifier: qualifier }
  const triggers: readonly Trigger[] = [
    ...(wanted.url
      ? [{ Type: 'http', TriggerName: 'url-trigger', TriggerDesc: JSON.stringify(urlSettings(wanted.closed ?? false)) }]
      : []),
    ...wanted.timers.map(({ cron, message }, index) => ({
      Type: 'timer',
      TriggerName: index === 0 ? 'timer' : `timer-${index + 1}`,
      TriggerDesc: cron,
      CustomArgument: message,
    })),
  ]
  const found = await ownTriggers(scf, name)
  let changed = false
  // first: a name that is taken on another version cannot be created
  for (const trigger of found) {
    if (trigger['Qualifier'] === qualifier && triggers.some(other => isNamed(trigger, other))) continue
    await deleteTrigger(scf, name, trigger)
    changed = true
  }
  for (const trigger of triggers) {
    const known = found.find(other => isNamed(other, trigger) && other['Qualifier'] === qualifier)
    if (known !== undefined && isSet(known, trigger)) continue
    await scf.call(known === undefined ? 'CreateTrigger' : 'UpdateTrigger', { ...place, ...trigger, Enable: 'OPEN' })
    changed = true
  }
  return changed
}

export async function removeTriggers(scf: Scf, name: string): Promise<void> {
  for (const trigger of await ownTriggers(scf, name)) await deleteTrigger(scf, name, trigger)
}

/** The address of the Function URL; null: it has none. */
export async function findUrl(scf: Scf, name: string): Promise<string | null> {
  for (const trigger of await ownTriggers(scf, name)) {
    if (trigger['Type'] !== 'http') continue
    const { ExtranetUrl: url } = objectIn(descriptionOf(trigger), 'NetConfig')
    if (typeof url === 'string' && URL.canParse(url)) return new URL(url).origin
  }
  return null
}

async function ownTriggers(scf: Scf, name: string): Promise<Reply[]> {
  const reply = await scf.find('ListTriggers', { FunctionName: name, Namespace: namespace, Limit: 100 })
  return listIn(reply ?? {}, 'Triggers').filter(({ Type: type }) => ours.has(String(type)))
}

async function deleteTrigger(scf: Scf, name: string, trigger: Reply): Promise<void> {
  const { Type, TriggerName, Qualifier } = trigger
  await scf.find('DeleteTrigger', { FunctionName: name, Namespace: namespace, Type, TriggerName, Qualifier })
}

function isNamed(one: Reply | Trigger, other: Reply | Trigger): boolean {
  return one['Type'] === other['Type'] && one['TriggerName'] === other['TriggerName']
}

function isSet(known: Reply, wanted: Trigger): boolean {
  if (known['Enable'] !== 1) return false
  const described = descriptionOf(known)
  if (wanted.Type === 'timer') {
    return described['cron'] === wanted.TriggerDesc && (known['CustomArgument'] ?? '') === wanted.CustomArgument
  }
  const asked = descriptionOf({ TriggerDesc: wanted.TriggerDesc })
  const [net, to] = [objectIn(described, 'NetConfig'), objectIn(asked, 'NetConfig')]
  return (
    described['AuthType'] === asked['AuthType'] &&
    net['EnableIntranet'] === to['EnableIntranet'] &&
    net['EnableExtranet'] === to['EnableExtranet']
  )
}

function descriptionOf({ TriggerDesc: text }: Reply): Reply {
  try {
    return typeof text === 'string' ? (JSON.parse(text) as Reply) : {}
  } catch {
    return {}
  }
}
