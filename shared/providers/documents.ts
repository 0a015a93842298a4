/**
 * What the API document tells of a vendor beside its contract: `documents.ts` of its folder, where there is one. It is read when the
 * document is made, and no function carries it; where it is silent, the document says what follows from the contract.
 */
import type { Operation } from '../operation.ts'
import type { Words } from '../words.ts'

/** How the vendor answers, as it writes it. */
export interface DocumentedReply {
  readonly code: string
  readonly message: string
  readonly requestId: string | null
}

export interface VendorDocuments {
  /** An app in examples. */
  readonly app?: string
  /** Members of a target in examples, beside what names the push and its devices. */
  readonly target?: { readonly [member: string]: unknown }
  /** Its record of that push. */
  readonly record?: {
    readonly status: string
    readonly scheduled: boolean
    readonly audience: string | null
    readonly source: string | null
  }
  readonly replies?: {
    readonly status?: DocumentedReply
    /** Of as many requests as there are ids. */
    readonly accepted?: { readonly code: string; readonly message: string; readonly requestIds: readonly string[] }
    readonly partial?: DocumentedReply & { readonly reason: string }
  }
  /** Code of a sentence of its own that a plan of the operation warns with. */
  readonly warnings?: { readonly [O in Operation]?: string }
  /** `overlay.options` of its own. */
  readonly options?: { readonly [member: string]: unknown }
  /** What `check` asks for: `the record of …`, `查询…`. */
  readonly check?: Words
  /** What people who read share of its budget: `16 an hour`. */
  readonly reads?: Words
  /** What is peculiar to an operation, in a sentence: words, or the code of one of its own. */
  readonly notes?: { readonly [O in Operation]?: Words | string }
}
