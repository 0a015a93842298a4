/** What is sent to a vendor or another API, and what comes back: the same over HTTP/1.1 and HTTP/2. */

export interface Sending {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  /** These bytes were signed, these bytes are sent; in pieces where one of them is large and need not be copied. */
  readonly body: string | readonly Buffer[]
  /** For each of at most two tries. */
  readonly timeoutMs: number
  /** A second copy would be seen (an overlay sends): none goes out where the first may have arrived. */
  readonly once?: boolean
  /** How large the reply may be; by default 1 MiB. */
  readonly mostReplyBytes?: number
  /**
   * Over HTTP/2, in the session of this name with that host: vendors bind a session to the credential that it was first used
   * with. Absent: HTTP/1.1. An address with http: is spoken to in HTTP/2 from the first byte on.
   */
  readonly session?: string
}

/** A whole reply. `text` is decoded as UTF-8 with replacement: a garbled reply is data, not an exception. */
export interface Received {
  readonly status: number
  /** Lower-case names; repeated ones joined with ', '. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
}

/**
 * No whole reply came. What the vendor did is not known, save for `unreached` (not a byte of the request was sent) and
 * `unprocessed` (the vendor says that it never looked at it).
 */
export interface NotReceived {
  readonly failure: 'unreached' | 'unprocessed' | 'timeout' | 'reset' | 'too_large'
  /** For people; holds no header and no body. */
  readonly detail: string
}

export type Send = (sending: Sending) => Promise<Received | NotReceived>

/** No reply of a push vendor in the documents is over a few kilobytes; 1,000 rejected tokens are 130 KB. */
export const mostReplyByDefault = 1 << 20
