/**
 * What the functions work with, whichever platform they run on.
 *
 * Request, Response and Headers are types of our own: the global ones load undici, 31 ms at first touch.
 */
export interface ApiRequest {
  readonly method: string
  /** As the platform hands it on, still escaped where it was sent so. Without stage, base path and query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names; repeated ones joined with ', '. */
  readonly headers: { readonly [lowerName: string]: string | undefined }
  readonly body: Buffer
  /** As the platform saw it, never from a header that the caller can write. */
  readonly sourceIp: string | null
}

export interface ApiResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** A Buffer travels as base64. */
  readonly body: string | Buffer
}

export interface Invocation {
  readonly requestId: string
  /** True for the first invocation of an instance. */
  readonly coldStart: boolean
  /** Milliseconds until the platform ends the function. */
  remainingMs(): number
  readonly platform: 'scf' | 'lambda'
}

export interface TimerFiring {
  /** The trigger's name; `kick` where a function called another one. */
  readonly name: string
  /** When it was due, as the platform says. */
  readonly at: Date | null
  readonly message: string | null
}
