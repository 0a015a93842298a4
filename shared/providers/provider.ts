/**
 * What a vendor is to Unpush. One vendor is one folder, whose index.ts exports one `Provider`.
 *
 * A capability is a method that exists. A method makes exactly one request and never sleeps, retries or splits: the
 * caller batches by the operation's addressing, and repeats from the ledger's row.
 */
import type { ZodMiniType } from 'zod/mini'
import type { Send } from '../http.ts'
import type { Operation } from '../operation.ts'
import type { Notice } from '../sentences.ts'
import type { Words, WordTable } from '../words.ts'

/** What people see if the vendor keeps its word. `none`: this channel shows no change. */
export type Effect = 'removed' | 'replaced' | 'stopped' | 'none'

export interface ChannelEffect {
  /** The vendor's word for a way to the phone: `xiaomi`, `oppo`, `harmony`, … */
  readonly channel: string
  readonly effect: Effect
}

/** Push tokens of one request, at most so many as its addressing takes, already as they go on the wire. Push tokens are personal data: never log `json`. */
export interface TokenBatch {
  /** JSON text of an array of strings. Bytes: the collector moves a string of a hundred kilobytes about, as often as it runs. */
  readonly json: Buffer
  readonly count: number
}

/** The vendor's own record of a push, as last read. Plain JSON: it lives in the ledger. */
export interface VendorRecord {
  /** The vendor's word: `PUSH_FINISHED`, … */
  readonly status: string | null
  /** True while the push still waits for its time, so that stopping it means cancelling it. */
  readonly scheduled: boolean
  /** Whatever the provider itself needs again; nobody else looks inside. */
  readonly detail: { readonly [member: string]: unknown }
}

/** A member of a target by which its vendor knows a push. */
export interface Handle {
  /** As the API writes it, in camel case. */
  readonly member: string
  readonly json: 'string' | 'integer'
  /** vendor: a task id, unique for ever · sender: a key that may be used again, so that it names what is shown under it now. */
  readonly madeBy: 'vendor' | 'sender'
  /** For documents and examples. */
  readonly sample: string | number
  /** What it is, in a sentence for people. */
  readonly words: Words
}

/** Names of one push by their members, in their JSON type: `{"messageId":"…","collapseId":"…"}`. */
export interface Names {
  readonly [member: string]: string | number
}

/** Whom a push went to: a word (`all`), or an object in the vendor's own terms. */
export type Audience = string | { readonly [member: string]: unknown }

/** How a request says which devices it means. */
export type Named =
  /** All that the push went to. */
  | { readonly by: 'task' }
  | { readonly by: 'audience'; readonly audience: Audience }
  | ({ readonly by: 'tokens' } & TokenBatch)
  /** One device. Personal data, like every push token: never log it. */
  | { readonly by: 'token'; readonly token: string }

/** What one vendor request is about. */
export interface VendorRequest {
  readonly names: Names
  readonly named: Named
  /** Null where it was never read. */
  readonly record: VendorRecord | null
}

export interface OverlayContent {
  readonly title: string
  readonly body: string
  readonly url: string | null
  readonly forceCollapse: boolean
  /** `overlay.options.<provider>` as the caller gave it. */
  readonly options: { readonly [member: string]: unknown }
}

/** One vendor's credentials as the secret holds them, checked by the provider's `credentials` schema. */
export interface Credentials {
  readonly provider: string
}

/** What a login needs from outside. */
export interface LoginCall<C extends Credentials = Credentials> {
  readonly credentials: C
  readonly send: Send
  /** Milliseconds until the call is given up as `unknown`. */
  readonly timeoutMs: number
  /** Our clock, in epoch milliseconds: signatures and token lifetimes. */
  readonly now: () => number
}

/** Everything a call needs from outside. */
export interface Call<C extends Credentials = Credentials> extends LoginCall<C> {
  /** True on the one repeat after the vendor refused the credential: make new tokens, trust no cache. */
  readonly renew: boolean
  /**
   * A UUID in lower case, the same for every repeat of this operation on these devices and for nothing else: for vendors that
   * drop a repeat.
   */
  readonly key: string
  /** What `login` opened, for a provider that has one; null for all others. */
  readonly session: Session | null
}

/** What a login gives: an access token, or a token that was minted. */
export interface Session {
  /** As secret as the credential: mask it in whatever is kept. */
  readonly value: string
  /** Epoch milliseconds by our clock: from here on a new one is opened. */
  readonly freshUntilMs: number
}

/**
 * A login whose outcome several requests use until it is old: an access token, a sign-in call, a token whose makings the vendor
 * counts.
 */
export interface Login<C extends Credentials> {
  /** What names it, and holds no secret: `<vendor>:<the account>`. Apps with the same one share its session. */
  id(credentials: C): string
  /** The secret members that it is made of: what the session is sealed with. */
  secret(credentials: C): string
  /** No sooner after the last one is a new one opened, whatever the vendor says. */
  readonly leastIntervalMs: number
  /** One request at most. An outcome says why there is no session; it is never `accepted`. */
  open(call: LoginCall<C>): Promise<{ readonly session: Session } | { readonly outcome: Outcome }>
}

/** The vendor's own words, kept for the record. Push tokens inside are replaced by `sha256[0:12]`. */
export interface VendorReply {
  readonly code: string | null
  readonly message: string | null
  readonly requestId: string | null
  /** Null when no response arrived. */
  readonly httpStatus: number | null
}

export interface Rejection {
  /** The vendor's reason (`tokenFormatError`), or its code where it gives none. */
  readonly reason: string
  readonly count: number
}

/**
 * What the vendor answered, in our words.
 *
 * accepted: took it on (not: gone from the screen) · partial: some devices; `count` = accepted + rejected + unknown ·
 * already_done: it says this was done before · too_late, not_found: nothing left, nothing known under this handle ·
 * unsupported: cannot be done this way, a weaker operation may work · throttled: later, nothing is wrong ·
 * auth: it does not take the credential · refused: will never work as asked · unknown: no telling (timeout, reset, 5xx,
 * garbled)
 *
 * Of a request for one token, `partial` says that the token was rejected; `refused` and `unsupported` would be said of every
 * token.
 */
export type Outcome = { readonly vendor: VendorReply } & (
  | { readonly kind: 'accepted' | 'already_done' | 'too_late' | 'not_found' }
  /** `clockAheadMs`: so far our clock was ahead of the vendor's (negative: behind). Nobody but the caller compares them. */
  | { readonly kind: 'auth'; readonly clockAheadMs?: number }
  /** `because`: the reason in words, where the vendor's code stands for one. */
  | { readonly kind: 'unsupported'; readonly because?: Notice }
  | { readonly kind: 'partial'; readonly rejected: readonly Rejection[]; readonly unknown: number }
  | { readonly kind: 'unknown'; readonly reason: string }
  /**
   * `look`: which no it is (done before, too late, never), only the vendor's record tells. `apart`: a batch of tokens is refused
   * for some of them and nothing was done; they are asked for apart.
   */
  | { readonly kind: 'refused'; readonly reason: string; readonly look?: boolean; readonly apart?: boolean }
  /**
   * `quota`: used up for long (an hour, a day), not just too fast. Null: the vendor did not say when. `of`: for whom; absent:
   * whoever shares the budget.
   */
  | {
      readonly kind: 'throttled'
      readonly retryAfterMs: number | null
      readonly quota: boolean
      readonly of?: 'token'
    }
)
export type OutcomeKind = Outcome['kind']

/** Reading is an outcome too (it can be throttled or unknown); `record` is there when it is `accepted`. */
export interface StatusReading {
  readonly outcome: Outcome
  readonly record: VendorRecord | null
}

/** A push as the vendor lists it. Texts are whatever its sender wrote. */
export interface ListedPush {
  /** By the handle that the vendor makes. */
  readonly handle: string
  readonly title: string | null
  readonly body: string | null
  /** Null: the vendor does not say, or not readably. */
  readonly sentAt: Date | null
  readonly audience: string | null
  readonly record: VendorRecord
}

export interface Listing {
  readonly outcome: Outcome
  readonly pushes: readonly ListedPush[]
  /** Where the list goes on, in the provider's own words; null: this was the last page. */
  readonly next: string | null
}

/** Devices of a push by one way to the phone, as its vendor counts them; null: it does not. */
export interface ChannelFigures {
  readonly channel: string
  /** Meant to be reached. */
  readonly planned: number | null
  readonly sent: number | null
  readonly arrived: number | null
  readonly clicked: number | null
  /** Wiped away unread. */
  readonly cleared: number | null
}

export interface Figures {
  /** All that the push went to, and no fewer; null: that cannot be told. */
  readonly devices: number | null
  readonly channels: readonly ChannelFigures[]
}

/** `figures` is there when the outcome is `accepted`. */
export interface FiguresReading {
  readonly outcome: Outcome
  readonly figures: Figures | null
}

/** What is known of a target before anything is done. */
export interface TargetFacts<C extends Credentials = Credentials> {
  readonly credentials: C
  readonly names: Names
  /** As the caller stated it, or null. */
  readonly audience: Audience | null
  readonly record: VendorRecord | null
  /** The record was read after the operation: what it says was done by us. */
  readonly acted?: boolean
  readonly overlay: OverlayContent | null
}

/** Whether, and with what effect, an operation can be done: pure, no vendor is asked. */
export interface Assessment {
  /** Why it cannot be done, in words a user can act on. Null: it can be tried. */
  readonly refusal: string | null
  /** Members of the overlay that must be mended first; paths are JSON pointers below `/overlay`. */
  readonly invalid: readonly { readonly path: string; readonly message: string }[]
  readonly effects: readonly ChannelEffect[]
  /** An overlay would go to everybody: `identicalOverlayWindowMs` applies. */
  readonly toEverybody: boolean
  /** Plain sentences for people: what the vendor will not do. */
  readonly warnings: readonly string[]
}

/** One row of dated vendor data. Dates are YYYY-MM-DD, sources are the vendor's page. */
export interface ChannelCapability extends ChannelEffect {
  readonly note?: string
  /** First and last day it held; absent: not known, still so. */
  readonly since?: string
  readonly until?: string
  readonly source: string
  /** The day the source was last changed or read. */
  readonly asOf: string
}

/**
 * How an operation names devices. task: one request ends the whole push · audience: one request, to those it went to · tokens:
 * at most so many devices a request · token: one device a request; requests for so many make a unit of work.
 */
export type Addressing =
  | { readonly by: 'task' | 'audience' }
  | { readonly by: 'tokens'; readonly most: number }
  | { readonly by: 'token'; readonly together: number }

export interface OperationCapability {
  /** Where there are two, one is `audience`: it is for targets that state one, the other for all others. */
  readonly addressing: readonly [Addressing, ...Addressing[]]
  /** Handles of which a target must have one. Absent: any will do. */
  readonly needs?: readonly string[]
  /** Statuses of the vendor's record that prove the operation; empty: the vendor offers no proof. */
  readonly confirmedBy: readonly string[]
  /** Statuses of the record after which it is too late for the operation. */
  readonly overBy?: readonly string[]
  /**
   * The vendor keeps a record only of pushes that wait for their time, so that it proves nothing of any other: there its yes is
   * all there is.
   */
  readonly provesScheduled?: true
  /** The vendor's record must be read before the call can be made. */
  readonly needsRecord: boolean
  /**
   * False where doing it twice may be seen (overlay sends): after an `unknown`, ask the status first. True also where the vendor
   * drops a repeat with the same `key`.
   */
  readonly repeatable: boolean
  /** Of a stop: what the vendor still lets follow it, for the same push. */
  readonly followedBy?: readonly Operation[]
  readonly channels: readonly ChannelCapability[]
}

export interface Limit {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** True where no vendor page states it: warned about and tried, never refused. */
  readonly inferred: boolean
  readonly source: string
  readonly asOf: string
}

export interface CapabilityTable {
  readonly operations: { readonly [O in Operation]?: OperationCapability }
  readonly limits: readonly Limit[]
  /** Identical content to everybody is refused when repeated within this span. Null: no such rule. */
  readonly identicalOverlayWindowMs: number | null
}

/**
 * What a request is for. proof: reading the record that shows whether an act was done · overlay: reading the record that an
 * overlay cannot be sent without · look: reading it before another act · discover: listing what was pushed · figures: how many
 * devices a push went to · people: somebody asked to see it · act: the operation itself.
 */
export type Purpose = 'proof' | 'overlay' | 'look' | 'discover' | 'figures' | 'people' | 'act'

/** Part of a window that one purpose has for itself. */
export interface Share {
  readonly calls: number
  /** Nobody else ever takes what is left of it. */
  readonly kept?: boolean
  /** It also takes what shares that are not kept have left. */
  readonly borrows?: boolean
}

/** A vendor budget shared by all instances that use one credential. */
export type Lane =
  /** `cost` units flow at `perSecond`, up to `burst` at once. */
  | { readonly name: string; readonly kind: 'rate'; readonly perSecond: number; readonly burst: number }
  /**
   * At most `limit` calls in any `windowMs`. With `shares`, whose calls add up to the limit: a purpose takes at most its share
   * in any window, what a kept one has left is never anybody else's, and one that borrows also takes what the others have left.
   */
  | {
      readonly name: string
      readonly kind: 'window'
      readonly limit: number
      readonly windowMs: number
      readonly shares?: { readonly [P in Purpose]?: Share }
    }

export interface Fare {
  readonly lane: Lane
  readonly cost: number
}

/** The members of a target as the API takes them, read by the provider that knows them. */
export interface TargetInput {
  /** At least one of the provider's handles; members that only go with one (`topic`) may stand beside it. */
  readonly names: Names
  /** Null where no operation takes tokens. */
  readonly tokens: readonly string[] | null
  readonly audience: Audience | null
  readonly audienceSize: number | null
}

/** What a vendor can be asked. */
export type Step = Operation | 'status' | 'list' | 'figures'

export interface Provider<C extends Credentials = Credentials> {
  readonly name: string
  /** What people call it. */
  readonly title: Words
  /** Ways to a phone, by the words of its capability tables. */
  readonly channels: WordTable
  /** What its record may say of a push. */
  readonly statuses?: WordTable
  /**
   * Refusals, warnings and notes of its own, by codes that begin with its name; `{name}` stands for what differs. Answers carry
   * the code beside the sentence, so that each reader has it in their language.
   */
  readonly sentences: WordTable
  readonly capabilities: CapabilityTable
  /** The secret's document. Strict: an unknown member of ours is an error; the vendor's own file is taken as it is. */
  readonly credentials: ZodMiniType<C>
  /** Members of that document, at any depth, that are no secret: logs may show them. */
  readonly openMembers: readonly string[]
  /** The names of a push, first those that the vendor makes. The first that a target has is its identity. */
  readonly handles: readonly [Handle, ...Handle[]]
  /** A target's members besides `app`. Strict. */
  readonly target: ZodMiniType<TargetInput>
  /**
   * What those members are that no handle names and no other vendor has, in a sentence for people; those inside another one as
   * `<that one>.<member>`.
   */
  readonly members?: WordTable
  /** What the app's phones run; null: several. */
  platform(credentials: C): 'android' | 'ios' | 'harmony' | null
  /** What its record says for people; without it a record has nothing but its status. `source`: the vendor's word for how it was sent. */
  describe?(record: VendorRecord): { readonly audience: string | null; readonly source: string | null }
  /** The identity that vendor budgets hang on: two apps with one credential share a budget. */
  budget(credentials: C): string
  /** The budgets one call draws on. `tokens`: devices that it names; of a unit of requests for one token each, all of them. */
  fare(step: Step, tokens: number, credentials: C): readonly Fare[]
  /** Asked before anything is: also for what it has no method for, since its refusal says more than that there is none. */
  assess(operation: Operation, facts: TargetFacts<C>): Assessment
  readonly login?: Login<C>

  stop?(request: VendorRequest, call: Call<C>): Promise<Outcome>
  revoke?(request: VendorRequest, call: Call<C>): Promise<Outcome>
  overlay?(request: VendorRequest, content: OverlayContent, call: Call<C>): Promise<Outcome>
  status?(request: VendorRequest, call: Call<C>): Promise<StatusReading>
  /** One page of what was pushed since then, in any order; `page` null: the first. The timer `discover` registers it. */
  list?(since: Date, page: string | null, call: Call<C>): Promise<Listing>
  /**
   * How many devices a push went to. The timer `discover` asks, once its record has one of these statuses: before, the numbers
   * still grow.
   */
  readonly figures?: {
    readonly after: readonly string[]
    ask(request: VendorRequest, call: Call<C>): Promise<FiguresReading>
  }
  /**
   * The most harmless call that proves the credential: no device is meant. `step`: what it is, and is charged as. Anything but
   * `auth`, `refused`, `unknown` and `throttled` proves it.
   */
  readonly check?: { readonly step: Step; ask(call: Call<C>): Promise<Outcome> }
}

/** The vendors there are. */
export interface Vendors {
  readonly names: readonly string[]
  /** Null: none has this name. */
  find(name: string): Promise<Provider | null>
}

/** Members that are no secret, of an app's document; of any other: none. */
export async function openMembersOf(vendors: Vendors, document: unknown): Promise<readonly string[]> {
  const { provider = null } = (typeof document === 'object' ? (document ?? {}) : {}) as { provider?: unknown }
  return typeof provider === 'string' ? ((await vendors.find(provider))?.openMembers ?? []) : []
}

/** The vendors that these name, by name; what is no vendor here has no entry. */
export async function findVendors(
  vendors: Vendors,
  those: readonly { readonly provider: string | null }[],
): Promise<ReadonlyMap<string, Provider>> {
  const names = new Set(those.map(({ provider }) => provider ?? ''))
  const found = await Promise.all([...names].map(name => vendors.find(name)))
  return new Map(found.flatMap(provider => (provider === null ? [] : [[provider.name, provider]])))
}
