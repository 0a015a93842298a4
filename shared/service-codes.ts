/**
 * The sentences that are said of a deployment, apart from its recalls (notice-codes.ts): what vendors can do, how apps are, what
 * `/readyz` sees, why a verdict or a delivery came to nothing. Each under a code, as there; a test finds what is said and is not here.
 */
import { inEnglish, type ShownNotice, readerOf } from './notice-forms.ts'
import { sentences } from './notice-codes.ts'
import { onceEach } from './once.ts'
import type { WordTable } from './words.ts'

export const serviceSentences = {
  // limits of vendors
  limit_audience_pushes: 'Pushes to everybody, tags or a package',
  limit_queries: 'Queries',
  limit_identical_pushes: 'Identical pushes to everybody',
  limit_message_size: 'Size of the message',
  limit_offline_delivery: 'Offline delivery',
  limit_request_tokens: 'Tokens in a request',
  limit_request_size: 'Size of a request without its tokens',
  limit_devices: 'Devices',
  limit_project_messages: 'Messages of a project',
  limit_android_messages: 'Messages to one Android device',
  limit_collapse_keys: 'Collapse keys stored for one device',
  limit_topic_size: 'Size of a message to a topic',
  limit_tag_size: 'Size of the tag',
  limit_payload_size: 'Size of a payload',
  limit_key_length: 'Length of a key',
  limit_requests: 'Requests',
  limit_silent_pushes: 'Silent pushes to one device',
  limit_logins: 'Time between two logins',
  unit_tokens: 'tokens',
  unit_bytes: 'bytes',
  unit_seconds: 'seconds',
  unit_per_second: 'per second',
  unit_per_minute: 'per minute',
  unit_keys: 'keys',
  unit_per_hour: 'per hour',
  // of apps
  vendor_refuses_all: 'The vendor refuses even a call that changes nothing.',
  vendor_tells_nothing: 'The vendor gave no answer that tells ({outcome}).',
  // of a push's status
  people_budget_used: "What people may use of the vendor's query budget is used up for {seconds} s.",
  vendor_being_asked: 'The vendor is being asked, and has not answered yet.',
  vendor_no_status: 'The vendor gave no status ({outcome}).',
  // of the deployment
  not_looked_secret: 'Not looked at: a secret is missing.',
  not_looked: 'Not looked at: something before it failed.',
  ledger_not_opened: 'The ledger cannot be opened; the log says why.',
  ledger_silent: 'The ledger does not answer within {seconds} s.',
  ledger_secret_missing: 'A secret that is needed to begin cannot be read; the log says which.',
  secret_unread: 'The secret {secret} cannot be read.',
  policy_unread: 'The secret unpush/policy cannot be read: no revoke and no overlay is admitted; a stop is.',
  endpoints_unread: 'The secret unpush/webhooks cannot be read: moderation endpoints cannot be used.',
  endpoints_none: 'There is no secret unpush/webhooks: no moderation endpoint is known.',
  sign_in_no_roles: 'oidc in unpush/access names no roleClaim, so that who signs in may do nothing.',
  sign_in_audience:
    'audience and clientId of oidc in unpush/access are the same, so that an ID token may pass for an access token.',
  sweep_silent: 'The timer function sweep has not run in the last {seconds} seconds.',
  keys_weak: 'In use within a week, and not of the form unpush_ and 43 characters: {keys}. Make new ones.',
  audit_unsealed: 'Entries of the audit trail have waited for {minutes} minutes to be sealed.',
  // of verdicts
  verdict_no_content: 'It is genuine and cannot be read: it names no content that a message could carry.',
  verdict_unreadable: 'It is genuine and cannot be read: {because}.',
  verdict_stale: 'It is dated more than a day before it came.',
  verdict_type: 'Items of the type {itemType} do not count at this endpoint.',
  over_limit: 'Over {bound}, which is {limit} for {payer}: send it again in {span}.',
  too_large:
    'This recall reaches {devices} devices, more than {bound} allows in an hour, which is {limit}: name fewer, or change unpush/policy.',
  in_a_recall:
    'This push is in another recall {id} ({operation}) already. Wait for it, cancel it, or send "supersede": true.',
  in_another_recall:
    'This push is in another recall ({operation}) already. Wait for it, cancel it, or send "supersede": true.',
  nothing_reached: 'Nothing that this names was pushed through an app that this key reaches.',
  paused: 'The {paused} {subject} is paused ({id}): {reason}',
  // of deliveries
  url_refused: 'The URL {because}.',
  host_unresolved: '{host} cannot be resolved.',
  host_not_public: '{host} resolves to an address that is {addressKind}.',
  connection_failed: 'The connection failed ({code}).',
  no_reply: 'No reply within {milliseconds} ms.',
  request_not_made: 'The request could not be made ({code}).',
  format_impossible: 'It cannot be written as {format}.',
  robot_odd: 'The robot answered with something that is no reply of one.',
  robot_refused: 'The robot refused it ({code}).',
} as const

export type ServiceCode = keyof typeof serviceSentences

/** What each sentence of a text says, those of recalls included. Null and nothing say nothing. `own`: as of `noticesIn`. */
export function serviceNoticesIn(text: string | null | undefined, own: WordTable | null = null): ShownNotice[] {
  if (text === null || text === undefined) return []
  return own === null ? readService(text) : readAll(own)(text)
}

const readService = readerOf(() => ({ ...sentences, ...serviceSentences }))
const readAll = onceEach((own: WordTable) => readerOf(() => ({ ...sentences, ...serviceSentences, ...inEnglish(own) })))
