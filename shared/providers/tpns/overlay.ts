/**
 * The push that overlays another: https://cloud.tencent.com/document/product/548/39064 (push API) and 548/50784.
 *
 * Audience, environment and collapse id come from the vendor's record of the original, so that an overlay is never
 * wider than it; the request gives the words and how they are presented, and nothing else.
 */
import type { OverlayContent, VendorRecord } from '../provider.ts'
import { isObject, type JsonObject } from '../wire/reply.ts'
import { composeTpnsMessage, type TpnsPlatform } from './message.ts'
import { readTpnsDetail, type TpnsDetail } from './record.ts'

/** TPNS keeps a push for offline phones so long when it is told nothing, and fails a push that asks for more. */
const defaultExpireSeconds = 259_200

/** https://cloud.tencent.com/document/product/548/39064, `tag_type`. */
const tagTypes = (
  'xg_user_define xg_auto_version xg_auto_province xg_auto_active xg_auto_sdkversion xg_auto_systemlanguage ' +
  'xg_auto_devicebrand xg_auto_deviceversion xg_auto_country'
).split(' ')

const packagePush = 'package_account_push'

/** The body to sign and send; null where the record cannot be overlaid exactly as it is. */
export function composeTpnsPush(
  record: VendorRecord | null,
  credentials: { readonly platform: TpnsPlatform; readonly environment?: string | undefined },
  content: OverlayContent,
): string | null {
  if (record === null || refuseTpnsOverlay(record, credentials) !== null) return null
  const detail = readTpnsDetail(record)
  const { platform } = credentials
  const { expireTime } = detail
  const push = {
    audience_type: detail.pushType,
    ...(detail.pushType === 'tag' && { tag_rules: tagRulesOf(detail.tagSet) }),
    collapse_id: detail.collapseID,
    force_collapse: content.forceCollapse,
    message_type: 'notify',
    message: composeTpnsMessage(content, platform),
    platform,
    ...(platform === 'ios' && { environment: environmentOf(detail, credentials.environment) }),
    // A push that was for phones online at that moment must not turn into one that waits for all the others.
    ...(expireTime !== null && expireTime >= 0 && expireTime < defaultExpireSeconds && { expire_time: expireTime }),
    ...(detail.multiPkg && { multi_pkg: true }),
  }
  const body = JSON.stringify(push)
  // An upload id may have more digits than a double holds, and must go out as a number all the same.
  return detail.pushType === packagePush ? `${body.slice(0, -1)},"upload_id":${detail.uploadId}}` : body
}

/** Why the record cannot be overlaid exactly as it is; null: it can. */
export function refuseTpnsOverlay(
  record: VendorRecord,
  { platform, environment }: { readonly platform: TpnsPlatform; readonly environment?: string | undefined },
): string | null {
  const detail = readTpnsDetail(record)
  if (record.scheduled) return 'The push still waits for its time, so there is nothing to overlay.'
  if (record.status === 'PUSH_CANCELED')
    return 'The push was cancelled before it went out: nothing is there to overlay.'
  if (detail.messageType !== 'notify' && detail.messageType !== 'notification') {
    return `TPNS overlays notifications; this push is of the type ${detail.messageType ?? 'unknown'}.`
  }
  if (detail.collapseID === 0) return 'TPNS gave this push no collapse id, and without one it cannot be overlaid.'
  if (platform === 'ios' && environmentOf(detail, environment) === null) {
    return 'The environment of the push (product or dev) is not in its record.'
  }
  switch (detail.pushType) {
    case 'all':
      return null
    case 'tag':
      return tagRulesOf(detail.tagSet) === null ? 'The tags of the push cannot be repeated exactly.' : null
    case packagePush:
      return detail.uploadId === null ? 'The number package of the push is not in its record.' : null
    default:
      return `TPNS overlays pushes to everybody, to tags and to a number package; this one went to ${detail.pushType ?? 'an audience it does not tell'}.`
  }
}

function environmentOf({ environment }: TpnsDetail, ofTheApp: string | undefined): string | null {
  const stated = environment ?? ofTheApp
  return stated === 'product' || stated === 'dev' ? stated : null
}

/**
 * `tagSet` of a record as `tag_rules` of a push: one item a tag, joined by the set's own operator. Null where any part of
 * it is not understood: leaving that out would change who is reached.
 */
function tagRulesOf(tagSet: unknown): object[] | null {
  if (!isObject(tagSet) || !hasOnly(tagSet, ['op', 'tagWithType'])) return null
  const { op, tagWithType } = tagSet
  if ((op !== 'AND' && op !== 'OR') || !Array.isArray(tagWithType) || tagWithType.length === 0) return null
  const items = tagWithType.map((tag: unknown) => {
    if (!isObject(tag) || !hasOnly(tag, ['tagTypeName', 'tagValue'])) return null
    const { tagTypeName, tagValue } = tag
    if (typeof tagTypeName !== 'string' || !tagTypes.includes(tagTypeName)) return null
    if (typeof tagValue !== 'string' || tagValue === '') return null
    return { tags: [tagValue], is_not: false, tags_operator: op, items_operator: op, tag_type: tagTypeName }
  })
  return items.includes(null) ? null : [{ tag_items: items, operator: op, is_not: false }]
}

function hasOnly(object: JsonObject, members: readonly string[]): boolean {
  return Object.keys(object).every(member => members.includes(member))
}
