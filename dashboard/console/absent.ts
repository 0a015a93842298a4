/**
 * What an API of before does not tell: a member that it lacks is null, a list that it lacks is empty, so that a page can be drawn
 * without asking each time whether it is there. Numbers, states and times stay absent: nothing is claimed of them.
 */
type Fill = (value: unknown) => unknown

const orNull: Fill = value => value ?? null
const text: Fill = value => (typeof value === 'string' ? value : '')
const list: Fill = value => (Array.isArray(value) ? value : [])
const each =
  (fill: Fill): Fill =>
  value =>
    Array.isArray(value) ? value.map(fill) : []
const maybe =
  (fill: Fill): Fill =>
  value =>
    value === undefined || value === null ? null : fill(value)
/** Of what an API of before has none of: it lists all. */
const none: Fill = value => (typeof value === 'number' ? value : 0)
const object =
  (members: { readonly [name: string]: Fill }): Fill =>
  value => {
    const given: { readonly [name: string]: unknown } = typeof value === 'object' && value !== null ? { ...value } : {}
    return { ...given, ...Object.fromEntries(Object.entries(members).map(([name, fill]) => [name, fill(given[name])])) }
  }

const said = { warnings: list, notices: list }
const effects = { effects: list }

const approval = object({ by: list, expiresAt: orNull, above: orNull })
const recall = object({
  reason: text,
  ticket: orNull,
  requestedBy: text,
  person: orNull,
  verdict: orNull,
  subject: object({ title: orNull }),
  overlay: maybe(object({ url: orNull })),
  approval: maybe(approval),
  reviewedBy: orNull,
  reviewedAt: orNull,
  meanwhile: maybe(object({ recall: orNull })),
  aheadOf: orNull,
  causedBy: each(object({ person: orNull })),
  settledAt: orNull,
  holdsUntil: orNull,
  devices: orNull,
  reach: orNull,
  etaSeconds: orNull,
  blocked: maybe(object({ detail: text })),
  moreTargets: none,
  outside: none,
  targets: each(
    object({
      ...effects,
      ...said,
      provider: text,
      message: orNull,
      devices: orNull,
      rejected: list,
      vendor: maybe(object({ code: orNull, message: orNull, requestId: orNull, status: orNull })),
    }),
  ),
})
const plan = object({
  approval: maybe(object({ above: orNull })),
  devices: orNull,
  meanwhile: orNull,
  targets: each(
    object({
      ...effects,
      ...said,
      provider: orNull,
      operation: orNull,
      ladder: list,
      devices: orNull,
      assumedDevices: orNull,
      message: orNull,
      record: orNull,
      running: maybe(object({ id: orNull })),
    }),
  ),
})
const message = object({
  title: orNull,
  body: orNull,
  url: orNull,
  contents: list,
  expiresAt: orNull,
  registeredBy: text,
  sentAt: orNull,
  recall: maybe(object({ state: orNull })),
  reach: orNull,
  targets: each(object({ provider: text, reach: orNull })),
})
const verdict = object({
  endpoint: text,
  source: text,
  content: orNull,
  verdict: orNull,
  action: orNull,
  labels: list,
  reason: orNull,
  occurredAt: orNull,
  operation: orNull,
  detail: orNull,
  notices: list,
  recalls: list,
  overturns: list,
})
const delivery = object({
  subscriber: text,
  recall: orNull,
  settledAt: orNull,
  nextAttemptAt: orNull,
  attempts: each(object({ finishedAt: orNull, status: orNull, detail: orNull, notices: list })),
})
const capabilities = object({
  provider: orNull,
  problem: orNull,
  notices: list,
  operations: each(
    object({
      ...effects,
      ...said,
      refusal: orNull,
      channels: each(object({ source: text, asOf: text, notices: list })),
    }),
  ),
  limits: each(object({ name: text, unit: text, source: text, asOf: text, notices: list })),
})
const health = object({
  apps: each(
    object({
      provider: orNull,
      problem: orNull,
      notices: list,
      credential: object({
        ok: orNull,
        since: orNull,
        code: orNull,
        detail: orNull,
        notices: list,
        call: orNull,
        checkedAt: orNull,
      }),
      canary: orNull,
      lastAcceptedAt: orNull,
      breaker: object({ cause: orNull, since: orNull, probeAt: orNull }),
      lanes: each(object({ name: text, heldUntil: orNull })),
    }),
  ),
  timers: each(object({ lastAt: orNull })),
  subscribers: each(object({ disabledAt: orNull, heldUntil: orNull })),
  endpoints: each(object({ lastAt: orNull })),
  clock: object({ vendors: list }),
  version: text,
})
const figures = { leadMs: object({ p50: orNull, p99: orNull }), calls: list }
const metrics = object({
  apps: each(object({ points: each(object(figures)), day: object(figures) })),
  verdicts: list,
})
const items = (one: Fill): Fill => object({ items: each(one), nextCursor: orNull })

/** By the beginning of the path: the first that fits. */
const answers: readonly (readonly [path: RegExp, fill: Fill])[] = [
  [/^\/v1\/messages\/[^/?]+\/plan/, object({ plans: object({ stop: plan, revoke: plan, overlay: plan }) })],
  [/^\/v1\/messages\/[^/?]+/, message],
  [/^\/v1\/messages/, items(message)],
  [/^\/v1\/recalls\/[^/?]+\/events/, object({ items: each(object({})) })],
  [/^\/v1\/recalls\/[^/?]+/, recall],
  [/^\/v1\/recalls/, items(recall)],
  [/^\/v1\/(stop|revoke|overlay|corrections)/, recall],
  [/^\/v1\/verdicts/, items(verdict)],
  [/^\/v1\/deliveries(\?|$)/, items(delivery)],
  [/^\/v1\/subscribers/, items(object({ apps: orNull, disabledAt: orNull, heldUntil: orNull, events: list }))],
  [/^\/v1\/capabilities/, items(capabilities)],
  [/^\/v1\/health/, health],
  [/^\/v1\/metrics/, metrics],
  [/^\/v1\/audit\/head/, object({ digest: orNull, hashed: list })],
  [/^\/v1\/audit(\?|$)/, items(object({ person: orNull }))],
  [/^\/v1\/me(\?|$)/, object({ person: orNull, roles: list, expiresAt: orNull })],
]

/** An answer, with what it lacks. */
export function completed(path: string, body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  if ('dryRun' in body) return plan(body)
  const [, fill] = answers.find(([begins]) => begins.test(path)) ?? []
  return fill === undefined ? body : fill(body)
}
