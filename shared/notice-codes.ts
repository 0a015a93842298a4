/**
 * The sentences that plans, recalls and refusals carry, each under a code: whoever shows them in another language makes them from
 * the code and what the sentence says besides. Sentences are kept as they were said; the code is read from them, so that plans
 * of an earlier version have theirs, too. Those of one vendor are in its folder. A test finds what is said anywhere and has no code.
 */
import { inEnglish, readerOf, type ShownNotice } from './notice-forms.ts'
import { onceEach } from './once.ts'
import { audienceGone, type Notice } from './sentences.ts'
import type { WordTable } from './words.ts'

export type { ShownNotice }

/** `{name}` stands for what differs. */
export const sentences = {
  // what a plan says
  offers_none: '{provider} offers no {operation}.',
  needs_name: '{provider} needs {members} for {operation}: this target was registered without.',
  done_instead_of: '{instead} is done instead of {operation}.',
  exceptions_whole: '{provider} takes back the whole push: no device can be left out of it (exceptTokens).',
  nothing_possible: 'Nothing can be done with {operation} here.',
  overlay_member: 'overlay{path} {message}.',
  credentials_unread: 'The credentials of {app} could not be read; they are asked for again.',
  tokens_deleted_all:
    'The push tokens of all {devices} devices were deleted when their time was over (tokenRetentionDays): the vendor can no longer be told which devices are meant.',
  tokens_deleted_some:
    'The push tokens of {gone} of {devices} devices were deleted when their time was over (tokenRetentionDays): those are not taken back.',
  audience_deleted: audienceGone,
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
  maybe_sent:
    'The vendor gave no answer to it, keeps no record that tells, and would show a repeat: whether it was sent is not known.',
  set_aside: 'Set aside after ten tries whose outcome could not be recorded.',
  answer_unkept: 'What the vendor said could not be kept.',
  dead_letters_kept:
    '{count} {requests} ended with no device known to be reached ({how}); a retry {whose} tries exactly those again.',
  dead_letters_gone:
    '{count} {requests} ended with no device known to be reached ({how}); push tokens of this target were deleted since (tokenRetentionDays): a retry leaves those out.',
  dead_letters_audience:
    '{count} {requests} ended with no device known to be reached ({how}); whom this push went to was deleted since (tokenRetentionDays): a retry does only what names nobody.',
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
} as const

export type NoticeCode = keyof typeof sentences

const readCore = readerOf(() => sentences)
const readBoth = onceEach((own: WordTable) => readerOf(() => ({ ...sentences, ...inEnglish(own) })))

/** What each sentence of a text says. `own`: the sentences of the vendor that it is about. */
export function noticesIn(text: string, own: WordTable | null = null): ShownNotice[] {
  return own === null ? readCore(text) : readBoth(own)(text)
}

/** What `texts` say, in their order. `kept`: what was kept with them says more than their words do. */
export function noticesOf(
  texts: readonly string[],
  kept: readonly Notice[] = [],
  own: WordTable | null = null,
): ShownNotice[] {
  const left: ShownNotice[] = [...kept]
  const said = texts
    .flatMap(text => noticesIn(text, own))
    .map(notice => {
      const code = notice.code === 'identical_overlay_perhaps' ? 'identical_overlay' : notice.code
      const place = left.findIndex(one => one.code === code)
      return place < 0 ? notice : (left.splice(place, 1)[0] ?? notice)
    })
  return [...said, ...left]
}
