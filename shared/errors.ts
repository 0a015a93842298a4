/**
 * Problems: every refusal of the API as one class with a closed set of slugs (RFC 9457).
 *
 * Vendor failures are not problems: they are outcomes inside the recall.
 */
const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'No valid credential was given' },
  forbidden: { status: 403, title: 'The credential does not allow this' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'method-not-allowed': { status: 405, title: 'The path does not take this method' },
  conflict: { status: 409, title: 'Something in the way must end first' },
  'request-in-progress': { status: 409, title: 'The first request with this key is still being admitted' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of a type that is not taken here' },
  unsupported: { status: 422, title: 'No target can do what was asked' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'A defect of Unpush' },
  unavailable: { status: 503, title: 'Something Unpush needs is not there now' },
} as const satisfies { readonly [slug: string]: { readonly status: number; readonly title: string } }

export type ProblemSlug = keyof typeof problems

/** More than this and nobody reads on; a million bad tokens must not make a hundred megabytes of answer. */
export const maxInputErrors = 20

/** One wrong member of the input. */
export interface InputError {
  /** As {@link pointer} makes it: `/target/tokens`; the empty string is the whole input. */
  readonly path: string
  readonly message: string
}

/**
 * Names that people give members, or names too short to be anything else. A push token or a key that stands where a name
 * belongs has digits in it or is longer: the shortest are the 19 digits of vivo's, the 32 hex digits of others.
 */
const personalName = /^(?:[\x21-\x7e]{1,8}|\p{L}[\p{L}_-]{0,23})$/u

/** Whether a name that came from outside may be repeated in an answer: answers end up in logs. */
export function isRepeatable(name: string): boolean {
  return personalName.test(name)
}

/** A JSON pointer (RFC 6901): down to the place, or to the last one above it whose name may be repeated. */
export function pointer(path: readonly PropertyKey[]): string {
  const hidden = path.findIndex(key => typeof key !== 'number' && !isRepeatable(String(key)))
  const told = hidden < 0 ? path : path.slice(0, hidden)
  return told.map(key => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

export interface ProblemOptions {
  readonly errors?: readonly InputError[]
  /** Sent with the answer: `Allow`, `Retry-After`, `WWW-Authenticate`. */
  readonly headers?: { readonly [name: string]: string }
  /** Further members of the body, beside those of RFC 9457: the recall that is in the way. */
  readonly members?: { readonly [name: string]: unknown }
  /** For the log only. */
  readonly cause?: unknown
}

/** Thrown to refuse a request. `detail` is read by the caller: it says what to change and repeats no secret. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly slug: ProblemSlug
  readonly status: number
  readonly errors: readonly InputError[]
  readonly headers: { readonly [name: string]: string }
  readonly members: { readonly [name: string]: unknown }

  constructor(slug: ProblemSlug, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.slug = slug
    this.status = problems[slug].status
    this.errors = options.errors?.slice(0, maxInputErrors) ?? []
    this.headers = options.headers ?? {}
    this.members = options.members ?? {}
  }
}

/** The `application/problem+json` body of RFC 9457, ready for JSON.stringify. */
export function problemBody(problem: Problem, requestId: string): { readonly [member: string]: unknown } {
  return {
    ...problem.members,
    type: `https://unpush.dev/problems/${problem.slug}`,
    title: problems[problem.slug].title,
    status: problem.status,
    detail: problem.message,
    requestId,
    ...(problem.errors.length > 0 && { errors: problem.errors }),
  }
}
