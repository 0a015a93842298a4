/** What a vendor request is about: a push by its names, the devices that are meant, and what goes there. */
import type { Words } from '../words.ts'

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
  /** True while the push waits for its time and its vendor still cancels it, so that stopping it means cancelling it. */
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

/** The members of a target as the API takes them, read by the provider that knows them. */
export interface TargetInput {
  /** At least one of the provider's handles; members that only go with one (`topic`) may stand beside it. */
  readonly names: Names
  /** Null where no operation takes tokens. */
  readonly tokens: readonly string[] | null
  readonly audience: Audience | null
  readonly audienceSize: number | null
}
