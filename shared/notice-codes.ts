/**
 * The sentences that plans, recalls and refusals carry, each under a code: whoever shows them in another language makes them from
 * the code and what the sentence says besides. Sentences are kept as they were said; the code is read from them, so that plans
 * of an earlier version have theirs, too. A test finds what is said anywhere and is not here.
 */
import { readerOf, type ShownNotice } from './notice-forms.ts'
import type { Notice } from './sentences.ts'

export type { ShownNotice }

/** `{name}` stands for what differs. */
export const sentences = {
  // what a plan says
  offers_none: '{provider} offers no {operation}.',
  done_instead_of: '{instead} is done instead of {operation}.',
  exceptions_whole: '{provider} takes back the whole push: no device can be left out of it (exceptTokens).',
  nothing_possible: 'Nothing can be done with {operation} here.',
  overlay_member: 'overlay{path} {message}.',
  credentials_unread: 'The credentials of {app} could not be read; they are asked for again.',
  tokens_deleted_all:
    'The push tokens of all {devices} devices were deleted when their time was over (tokenRetentionDays): the vendor can no longer be told which devices are meant.',
  tokens_deleted_some:
    'The push tokens of {gone} of {devices} devices were deleted when their time was over (tokenRetentionDays): those are not taken back.',
  identical_overlay: 'The vendor refuses a second identical push to everybody within {span}.',
  identical_overlay_perhaps:
    'The same overlay went out within {span}: if this push went to everybody, the vendor refuses it now.',
  superseded:
    'A newer message was registered under the same key: what it pushed has taken the place of this push on screens, and would be taken back instead.',
  superseded_by: 'The newer message is {id}.',
  superseded_shown: 'Shown under the key now: {id}.',
  tokens_counted_later:
    'Push tokens of this target are still being made ready, without repeats: how many devices they are is known afterwards.',
  tokens_counted_joining:
    'Push tokens of this target are still being made ready, without repeats: they join as they are, and are counted then.',
  tokens_to_come: 'No push token has come for this target yet; those that come later are taken back as they arrive.',
  exceptions_alone:
    'No push token but such as are left alone has come for this target yet; others that come later are taken back as they arrive.',
  vendor_unknown: 'The vendor is not known here.',
  no_target: 'No target can do what was asked.',
  app_gone: 'The app {app} is gone from unpush/apps.',
  // what was found out on the way
  not_possible_code: '{operation} was not possible: {code}.',
  done_instead: '{instead} is done instead.',
  nothing_left: "The vendor's record says {status} already: nothing was left to do.",
  overlaid_before:
    'The vendor accepted the overlay. Its record said {status} already, of an earlier one, and does not show this one apart.',
  unconfirmed: 'The vendor accepted the {operation}, and nothing confirms that it was done: {why}.',
  unrecorded: 'The vendor accepted the {operation}; it has no record of this push that could confirm it.',
  sent_meanwhile: 'Whether the {operation} was done cannot be read for now: {instead} was sent too.',
  not_sent_again:
    'What came of sending it could not be recorded twice, and the vendor shows no sign of it: it is not sent a third time.',
  not_sent_tokens:
    'Push tokens were deleted (tokenRetentionDays) before the vendor was asked: nothing was sent for them.',
  not_sent_text:
    'The text of the overlay was deleted (textRetentionDays) before the vendor was asked: nothing was sent.',
  set_aside: 'Set aside after ten tries whose outcome could not be recorded.',
  answer_unkept: 'What the vendor said could not be kept.',
  dead_letters_kept:
    '{count} {requests} ended with no device known to be reached ({how}); a retry {whose} tries exactly those again.',
  dead_letters_gone:
    '{count} {requests} ended with no device known to be reached ({how}); push tokens of this target were deleted since (tokenRetentionDays): a retry leaves those out.',
  // why nothing moves
  approval: 'It waits for another person to approve it.',
  breaker_vendor: 'The vendor fails more often than it answers: calls pause, and one after another is tried.',
  breaker_credential: 'The vendor does not take the credential: calls pause until it takes one.',
  clock_differs: "Our clock is {seconds} s {direction} the vendor's.",
  budget_used_up: 'The budget "{budget}" is used up for now.',
  asked_for_less: 'The vendor asks for less.',
  asked_for_less_code: 'The vendor asks for less ({code}).',
  credential_refused: 'The vendor does not take the credential.',
  credential_refused_code: 'The vendor does not take the credential ({code}).',
  credential_refused_clock:
    "The vendor does not take the credential, and our clock is {seconds} s {direction} the vendor's.",
  credential_refused_code_clock:
    "The vendor does not take the credential ({code}), and our clock is {seconds} s {direction} the vendor's.",
  no_answer: 'No usable answer: {reason}.',
  no_answer_code: 'No usable answer ({code}): {reason}.',
  credentials_unusable: 'The credentials of {app} cannot be used now. The log says why.',
  credentials_unreadable: 'Its credentials cannot be read. The log says why.',
  // TPNS
  tpns_audience_excluded:
    'TPNS takes back pushes to everybody, to tags and to number packages; this one went to {audience}.',
  tpns_audience_unknown:
    'It is not known whom this push went to; TPNS takes back pushes to everybody, to tags and to number packages.',
  tpns_audience_doubtful: 'The documents do not say whether a push to {audience} can be taken back; it is tried.',
  tpns_no_stop_on_ios: 'TPNS offers no stop on iOS.',
  tpns_cancelled_scheduled:
    'A push that still waits for its time is cancelled, on every channel. Of a looped push this ends the rounds to come; what earlier rounds showed stays.',
  tpns_record_says: "TPNS's own record says that this push {what}.",
  tpns_stop: 'Stop ends what has not reached a phone yet; notifications already shown stay.',
  tpns_revoke_retired: 'TPNS marked revoke as taken offline on {day}: it may refuse, or accept and do nothing.',
  tpns_revoke_own_channel:
    "Revoke removes notifications only on TPNS's own channel; those of Xiaomi, Huawei, OPPO, vivo and the others stay.",
  tpns_revoke_ios:
    'On iOS revoke is a silent message: it removes the notification only while the process of the app lives, and wakes the app.',
  tpns_revoke_ends_offline: 'Revoke ends the offline delivery of the push.',
  tpns_overlay_ends_offline: 'Overlay ends the offline delivery of the old push.',
  tpns_overlay_is_new:
    'Overlay is a new push to the same audience: phones that no longer show the old notification show the new one too.',
  tpns_overlay_unlisted: 'The documents name neither Honor nor FCM among the channels that overlay.',
  tpns_overlay_beside:
    'OPPO, vivo and Huawei phones with EMUI below 10 cannot overlay: with forceCollapse the new message appears there beside the old one.',
  tpns_overlay_not_sent:
    'OPPO, vivo and Huawei phones with EMUI below 10 cannot overlay: without forceCollapse they keep the old message and do not get the new one.',
  tpns_custom_content:
    'TPNS blocks an overlay with custom_content for Huawei phones; give a link of the scheme of your app instead.',
  tpns_link_ios: 'On iOS the link goes along as custom_content.url, and only the app can open it.',
  tpns_link_left_out: 'The link is left out: options.tpns.{member} stands in its place.',
  tpns_overlay_scheduled: 'The push still waits for its time, so there is nothing to overlay.',
  tpns_overlay_cancelled: 'The push was cancelled before it went out: nothing is there to overlay.',
  tpns_overlay_type: 'TPNS overlays notifications; this push is of the type {type}.',
  tpns_no_collapse_id: 'TPNS gave this push no collapse id, and without one it cannot be overlaid.',
  tpns_no_environment: 'The environment of the push (product or dev) is not in its record.',
  tpns_tags_inexact: 'The tags of the push cannot be repeated exactly.',
  tpns_no_package: 'The number package of the push is not in its record.',
  tpns_overlay_audience:
    'TPNS overlays pushes to everybody, to tags and to a number package; this one went to {audience}.',
  // Push Kit
  huawei_no_stop: 'Push Kit offers no stop; its revoke also ends what is not delivered yet.',
  huawei_revoke: 'Only notifications that are not delivered yet, or shown and not clicked, are removed.',
  huawei_badges: 'Badges keep their number.',
  huawei_badges_unless: 'Badges keep their number unless options.huawei.notification.badge says otherwise.',
  huawei_devices: 'Push Kit reaches {devicesNamed}.',
  huawei_overlay: 'The new message also appears on devices where the old one was clicked or cleared already.',
  huawei_link: 'On HarmonyOS the link opens the page of the app that declares it as its uri, and no browser.',
} as const

export type NoticeCode = keyof typeof sentences

export const noticesIn = readerOf(() => sentences)

/** What `texts` say, in their order. `kept`: what was kept with them says more than their words do. */
export function noticesOf(texts: readonly string[], kept: readonly Notice[] = []): ShownNotice[] {
  const left: ShownNotice[] = [...kept]
  const said = texts.flatMap(noticesIn).map(notice => {
    const code = notice.code === 'identical_overlay_perhaps' ? 'identical_overlay' : notice.code
    const place = left.findIndex(one => one.code === code)
    return place < 0 ? notice : (left.splice(place, 1)[0] ?? notice)
  })
  return [...said, ...left]
}
