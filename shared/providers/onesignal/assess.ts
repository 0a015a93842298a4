/** What the documents say of one operation on one message, before anything is sent. Pure. */
import type { Operation } from '../../operation.ts'
import type { Assessment, TargetFacts } from '../provider.ts'
import { oneSignalCapabilities } from './capabilities.ts'
import type { OneSignalCredentials } from './credentials.ts'
import { checkOneSignalOptions } from './options.ts'

export function assessOneSignal(operation: Operation, facts: TargetFacts<OneSignalCredentials>): Assessment {
  const nothing = { invalid: [], effects: [], toEverybody: false, warnings: [] }
  if (operation === 'revoke') {
    return {
      ...nothing,
      refusal: 'OneSignal takes no notification off a device: stop the message, or overlay it.',
    }
  }
  const { overlay } = facts
  return {
    ...nothing,
    refusal: refuse(operation, facts),
    invalid: operation === 'overlay' && overlay !== null ? checkOneSignalOptions(overlay.options) : [],
    effects: oneSignalCapabilities.operations[operation].channels.map(({ channel, effect }) => ({ channel, effect })),
    warnings: [...warnOfRecord(operation, facts), ...warningsOf[operation]],
  }
}

function refuse(operation: 'stop' | 'overlay', { names }: TargetFacts<OneSignalCredentials>): string | null {
  if (operation === 'stop' && names['messageId'] === undefined) {
    return 'OneSignal cancels a message by its own id alone: state the messageId that it answered with.'
  }
  if (operation === 'overlay' && names['collapseId'] === undefined) {
    return 'A notification shown through OneSignal is replaced by its collapse id alone: state the collapseId that the message was sent with.'
  }
  return null
}

/** OneSignal is asked all the same: its record may be a moment old. */
function warnOfRecord(operation: 'stop' | 'overlay', { record, acted }: TargetFacts<OneSignalCredentials>): string[] {
  if (operation === 'overlay' || acted === true) return []
  switch (record?.status) {
    case 'CANCELED':
      return ["OneSignal's own record says that this message was cancelled already."]
    case 'COMPLETED':
      return ["OneSignal's own record says that this message was sent whole: nothing is left to stop."]
    default:
      return []
  }
}

const warningsOf: { readonly [O in 'stop' | 'overlay']: readonly string[] } = {
  stop: [
    'Stop ends what OneSignal has not sent out yet; notifications already shown stay.',
    'Of a message that is on its way, part of the audience may still get it.',
  ],
  overlay: [
    'The new message also appears where the old one was dismissed or opened.',
    'On Android it may ring again, save in a quiet channel (android_channel_id).',
    'Whatever else was sent under the same collapse id is replaced too.',
    'The overlay is a message of its own in the statistics of the account, and OneSignal disables an app that sends more than ten for each subscription in 15 minutes.',
  ],
}
