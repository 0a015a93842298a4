/** What the documents, and the code of the SDKs, say of one operation before anything is sent. Pure. */
import type { Operation } from '../../operation.ts'
import type { Assessment, Names, OverlayContent, TargetFacts } from '../provider.ts'
import type { MemberFault } from '../wire/overlay-options.ts'
import { fcmCapabilities, mostPayloadBytes, mostTopicPayloadBytes } from './capabilities.ts'
import type { FcmCredentials } from './credentials.ts'
import { isWebLink, largestPayload, overlayMessage } from './message.ts'
import { checkFcmOptions } from './options.ts'

export function assessFcm(operation: Operation, facts: TargetFacts<FcmCredentials>): Assessment {
  const { names, overlay } = facts
  const content = operation === 'overlay' ? overlay : null
  return {
    refusal: refuse(operation, facts),
    invalid: content === null ? [] : checkContent(names, content),
    effects: fcmCapabilities.operations[operation].channels.map(({ channel, effect }) => ({ channel, effect })),
    toEverybody: false,
    warnings: [...warningsOf[operation], ...(content === null ? [] : warnOfLink(content))],
  }
}

function refuse(operation: Operation, { credentials, names }: TargetFacts<FcmCredentials>): string | null {
  const { tag, collapseKey, topic } = names
  if (operation === 'stop' && collapseKey === undefined) {
    return 'FCM replaces what it stores by collapse key alone: state the collapseKey that the message was sent with.'
  }
  if (operation === 'revoke' && credentials.removal === undefined) {
    return 'With FCM only the app can remove a notification, and the app does not state that it carries the removal recipe (removal).'
  }
  if (operation !== 'stop' && tag === undefined) {
    return 'A notification shown through FCM is found by its tag alone: state the tag that the message was sent with.'
  }
  if (operation !== 'overlay' && topic !== undefined) {
    return 'FCM takes a push to a topic back by an overlay alone; anything else needs push tokens.'
  }
  return null
}

const warningsOf: { readonly [O in Operation]: readonly string[] } = {
  stop: [
    'Stop ends what FCM still stores for an Android device under the collapse key; notifications already shown stay.',
    'The app gets a data message that shows nothing.',
  ],
  revoke: [
    'The app removes the notification itself, where it carries the removal recipe: not after a force stop, and on iPhones only a few times an hour.',
    'On the web a silent notice takes the place of the notification.',
    'Google rates an app down that gets many urgent messages which show nothing: for many devices overlay is better.',
  ],
  overlay: [
    'Nothing is replaced where the app, or a window of the site, is on the screen: the app gets the new message itself.',
    'The new message also appears where the old one was dismissed or opened, and may ring again.',
  ],
}

function warnOfLink({ url }: OverlayContent): string[] {
  if (url === null) return []
  const onPhones = 'On phones the link goes along as data.url, and only the app can open it.'
  return isWebLink(url) ? [onPhones] : [onPhones, 'On the web FCM takes links with https alone: there it is left out.']
}

/** Paths are below `/overlay`. */
function checkContent(names: Names, content: OverlayContent): MemberFault[] {
  const faults = checkFcmOptions(content.options)
  const most = names['topic'] === undefined ? mostPayloadBytes : mostTopicPayloadBytes
  const bytes = largestPayload(overlayMessage(names, content, 0))
  if (bytes > most)
    faults.push({ path: '', message: `makes a message of ${bytes} bytes, and FCM takes at most ${most}` })
  return faults
}
