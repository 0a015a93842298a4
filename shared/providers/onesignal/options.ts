/**
 * `overlay.options.onesignal`: what a caller may add to an overlay, under the names of OneSignal's own API. Not whom it goes to, what it replaces and what it says in English, which the recall states.
 */
import { checkMembers, type MemberFault, pickMembers } from '../wire/overlay-options.ts'
import { isObject, type JsonObject } from '../wire/reply.ts'
import { mostTtlSeconds } from './capabilities.ts'

interface Rule {
  readonly takes: (value: unknown) => boolean
  readonly must: string
}

const text: Rule = { takes: value => typeof value === 'string' && value !== '', must: 'must be a text' }
const whole = (least: number, most: number): Rule => ({
  takes: value => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
  must: `must be a whole number from ${least} to ${most}`,
})
const oneOf = (...words: readonly (string | number)[]): Rule => ({
  takes: value => words.some(word => word === value),
  must: `must be one of ${words.join(', ')}`,
})
const translations: Rule = {
  takes: value =>
    isObject(value) && Object.entries(value).every(([language, one]) => language !== 'en' && typeof one === 'string'),
  must: 'must be texts by language, without en, which is what the overlay itself says',
}

const rules: { readonly [member: string]: Rule } = {
  headings: translations,
  subtitle: {
    takes: value => isObject(value) && Object.values(value).every(text.takes),
    must: 'must be texts by language',
  },
  contents: translations,
  data: { takes: isObject, must: 'must be an object' },
  priority: oneOf(5, 10),
  ttl: whole(0, mostTtlSeconds),
  ios_interruption_level: oneOf('passive', 'active', 'time-sensitive', 'critical'),
  ios_sound: text,
  ios_category: text,
  ios_badgeType: oneOf('None', 'SetTo', 'Increase'),
  ios_badgeCount: whole(-1000, 1000),
  thread_id: text,
  android_channel_id: text,
  existing_android_channel_id: text,
  android_group: text,
  small_icon: text,
  large_icon: text,
  big_picture: text,
  chrome_web_icon: text,
  chrome_web_image: text,
  firefox_icon: text,
}
const known = Object.keys(rules)

/** A fault for each member that OneSignal, or the recall itself, would not take; paths are below `/overlay`. */
export function checkOneSignalOptions(options: JsonObject): MemberFault[] {
  const at = '/options/onesignal'
  const wrong = Object.entries(pickMembers(options, known)).flatMap(([member, value]) => {
    const rule = rules[member]
    return rule === undefined || rule.takes(value) ? [] : [{ path: `${at}/${member}`, message: rule.must }]
  })
  return [...checkMembers(options, known, at), ...wrong]
}

/** Members of the request, without the two that hold texts, and those. */
export function readOneSignalOptions(options: JsonObject): {
  readonly members: JsonObject
  readonly headings: JsonObject
  readonly contents: JsonObject
} {
  const { headings, contents, ...members } = pickMembers(options, known)
  return {
    members,
    headings: isObject(headings) ? headings : {},
    contents: isObject(contents) ? contents : {},
  }
}
