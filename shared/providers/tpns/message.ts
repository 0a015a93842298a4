/** The words of an overlay as the `message` of a push: https://cloud.tencent.com/document/product/548/39064. */
import type { OverlayContent } from '../provider.ts'
import { checkMembers, type MemberFault, pickMembers } from '../wire/overlay-options.ts'
import { isObject, type JsonObject } from '../wire/reply.ts'

export type TpnsPlatform = 'android' | 'ios'

/** Of the whole `message`: tencentyun/qcloud-documents, 腾讯移动推送/快速入门/产品限制说明.md. */
export const maxMessageBytes = 4096

/**
 * What `options.tpns` may add: how the message looks and which channel of a phone maker it takes. Not `n_id` (an id), not
 * `content-available` (a silent push), nothing beside `message.android` and `message.ios`.
 */
const presentation: { readonly [P in TpnsPlatform]: readonly string[] } = {
  android: (
    'n_ch_id n_ch_name n_category n_importance xm_ch_id fcm_ch_id hw_biz_type hw_ch_id hw_category hw_importance ' +
    'oppo_ch_id vivo_ch_id vivo_category urgency builder_id badge_type ring ring_raw vibrate lights clearable ' +
    'icon_type icon_res style_id small_icon icon_color action custom_content show_type'
  ).split(' '),
  ios: ['aps', 'custom_content'],
}
const apsMembers = ['alert', 'badge_type', 'category', 'mutable-content', 'sound', 'interruption-level']

/**
 * `message` of the push. A web link opens the browser on Android, another scheme is the app's own intent (Huawei phones
 * take no custom_content in an overlay, so a link can only be an action there). iOS has no action: the link goes into
 * `custom_content`, which the app reads. Presentation that the caller gives stands before all of this.
 */
export function composeTpnsMessage({ title, body, url, options }: OverlayContent, platform: TpnsPlatform): JsonObject {
  const given = pickMembers(options[platform], presentation[platform])
  const message = { title, content: body }
  if (platform === 'ios') {
    const link = url === null ? {} : { custom_content: JSON.stringify({ url }) }
    // A correction is no further message: the badge stays (-1) unless told otherwise.
    const aps = { badge_type: -1, ...pickMembers(given['aps'], apsMembers) }
    return { ...message, ios: { ...link, ...given, aps } }
  }
  const android = { ...(url === null ? {} : { action: androidAction(url) }), ...given }
  return Object.keys(android).length === 0 ? message : { ...message, android }
}

function androidAction(url: string): object {
  return /^https?:/i.test(url) ? { action_type: 2, browser: { url, confirm: 0 } } : { action_type: 3, intent: url }
}

/** Members of the overlay that must be mended first; paths are below `/overlay`. */
export function checkTpnsContent(content: OverlayContent, platform: TpnsPlatform): MemberFault[] {
  const { options } = content
  const faults = checkMembers(options, Object.keys(presentation), '/options/tpns')
  for (const [name, members] of Object.entries(presentation)) {
    faults.push(...checkMembers(options[name], members, `/options/tpns/${name}`))
  }
  const ios = options['ios']
  if (isObject(ios)) faults.push(...checkMembers(ios['aps'], apsMembers, '/options/tpns/ios/aps'))
  const bytes = Buffer.byteLength(JSON.stringify(composeTpnsMessage(content, platform)))
  if (bytes > maxMessageBytes) {
    faults.push({ path: '', message: `makes a message of ${bytes} bytes, and TPNS takes at most ${maxMessageBytes}` })
  }
  return faults
}

/** What the caller's presentation takes away, in words. */
export function warnOfContent({ url, options }: OverlayContent, platform: TpnsPlatform): string[] {
  const given = pickMembers(options[platform], presentation[platform])
  const warnings: string[] = []
  if (platform === 'android' && given['custom_content'] !== undefined) {
    warnings.push(
      'TPNS blocks an overlay with custom_content for Huawei phones; give a link of the scheme of your app instead.',
    )
  }
  if (url === null) return warnings
  if (platform === 'ios')
    warnings.push('On iOS the link goes along as custom_content.url, and only the app can open it.')
  const instead = platform === 'android' ? 'action' : 'custom_content'
  if (given[instead] !== undefined)
    warnings.push(`The link is left out: options.tpns.${platform}.${instead} stands in its place.`)
  return warnings
}
