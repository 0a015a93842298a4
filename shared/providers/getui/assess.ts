/** What the documents say of one operation on one push, before anything is sent. Pure. */
import type { Operation } from '../../operation.ts'
import type { Assessment, ChannelEffect, TargetFacts } from '../provider.ts'
import { channels, getuiCapabilities } from './capabilities.ts'
import type { GetuiCredentials } from './credentials.ts'
import { checkContent, isBroadcast } from './message.ts'
import { waits } from './record.ts'

type Facts = TargetFacts<GetuiCredentials>

export function assessGetui(operation: Operation, facts: Facts): Assessment {
  const { overlay, audience } = facts
  return {
    refusal: refuse(operation, facts),
    invalid: operation === 'overlay' && overlay !== null ? checkContent(overlay) : [],
    effects: effectsOf(operation, facts),
    toEverybody: operation === 'overlay' && audience === 'all',
    warnings: warn(operation, facts),
  }
}

/** A push to one device has a task of its own, by the first letters of its id. */
const isSingle = (taskId: unknown): boolean => typeof taskId === 'string' && taskId.startsWith('RASS')

function refuse(operation: Operation, { names, record, acted }: Facts): string | null {
  const { taskId, notifyId } = names
  if (operation !== 'stop' && record?.status === waits && acted !== true)
    return 'The push waits for its time, and nothing is shown that could be taken back: stop it.'
  if (operation === 'overlay') {
    return notifyId === undefined
      ? 'A notification shown through Getui is replaced by its notify_id alone: state the notifyId that the push was sent with.'
      : null
  }
  if (taskId === undefined)
    return 'Getui stops and recalls a push by its task alone: state the taskId that it answered with.'
  return operation === 'stop' && isSingle(taskId)
    ? 'Getui stops no push to a single device (its task id begins with RASS): revoke it.'
    : null
}

function effectsOf(operation: Operation, { names, record }: Facts): readonly ChannelEffect[] {
  if (operation === 'stop' && record?.scheduled === true)
    return channels.map(channel => ({ channel, effect: 'stopped' }))
  const lacks = (channel: string): boolean =>
    (operation === 'revoke' && channel === 'harmony' && names['notifyId'] === undefined) ||
    (operation === 'overlay' && channel === 'apns' && names['apnsCollapseId'] === undefined)
  return getuiCapabilities.operations[operation].channels.map(({ channel, effect }) => ({
    channel,
    effect: lacks(channel) ? 'none' : effect,
  }))
}

function warn(operation: Operation, { names, audience, record, acted }: Facts): string[] {
  if (operation === 'stop') {
    const was = acted === true ? null : record?.status
    return [
      ...(was === 'has_delete' ? ["Getui's own record says that this push was cancelled already."] : []),
      ...(was === waits && record?.scheduled === false
        ? ['The push goes out within a minute, when Getui deletes none any more: its delivery is stopped instead.']
        : []),
      ...(was === 'send_success'
        ? ["Getui's own record says that this push was sent: a stop reaches what it still stores."]
        : []),
      ...(record?.scheduled === true
        ? []
        : [
            'Stop ends what Getui itself still stores; what phone makers and Apple were handed, and what is shown, stays.',
          ]),
    ]
  }
  const paid =
    audience === null || !isBroadcast(audience)
      ? ['It is a push of its own, and counts against the quota of the day.']
      : ['It is a push of its own to the whole audience: a day has only a few of those (20, older documents say 100).']
  if (operation === 'revoke') {
    return ['A revoke reaches notifications of clients from 2.12.5.0 on, and those that Xiaomi and vivo show.', ...paid]
  }
  return [
    'The new notification also appears where the old one was dismissed or opened, and may ring again.',
    ...(names['apnsCollapseId'] === undefined
      ? ['iPhones are left out: without the apnsCollapseId of the push the new one would stand beside it.']
      : []),
    'On Meizu the documents contradict each other: what they say of it is taken for nothing.',
    ...paid,
  ]
}
