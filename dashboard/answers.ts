/** JSON Schemas of what the API answers (contract §4.2, §4.3), for the OpenAPI document. */
type Schema = { readonly [member: string]: unknown }

const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }
const time = { type: 'string', format: 'date-time' }
const maybe = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })
const list = (items: Schema): Schema => ({ type: 'array', items })
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: { readonly [name: string]: Schema }, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter(name => !optional.includes(name)),
})

const state = { enum: ['pending_approval', 'running', 'done', 'partial', 'failed', 'cancelled', 'declined', 'expired'] }
const operation = { enum: ['stop', 'revoke', 'overlay'] }
const handles = { pushId: text, notifyId: { type: 'integer' } }
const effects = list(object({ channel: text, effect: { enum: ['removed', 'replaced', 'stopped', 'none'] } }))

export const answerSchemas: { readonly [name: string]: Schema } = {
  Problem: object(
    {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: text,
      requestId: text,
      errors: list(object({ path: text, message: text })),
    },
    ['errors'],
  ),
  Devices: object({ total: count, accepted: count, rejected: count, unknown: count, pending: count }),
  RecallTarget: object(
    {
      app: text,
      provider: text,
      ...handles,
      requested: operation,
      operation,
      state,
      effects,
      devices: maybe(ref('Devices')),
      rejected: list(object({ reason: text, count })),
      vendor: maybe(object({ code: maybe(text), message: maybe(text), requestId: maybe(text), status: maybe(text) })),
      warnings: list(text),
      recall: { ...text, description: 'Another recall that does the work for this target.' },
    },
    ['pushId', 'notifyId', 'recall'],
  ),
  Recall: object({
    id: text,
    operation,
    state,
    reason: text,
    ticket: maybe(text),
    requestedBy: text,
    person: maybe(text),
    subject: { type: 'object' },
    overlay: maybe({ type: 'object' }),
    approval: { type: 'null' },
    createdAt: time,
    settledAt: maybe(time),
    giveUpAt: time,
    devices: maybe(ref('Devices')),
    etaSeconds: maybe(count),
    blocked: maybe(
      object({
        by: { enum: ['credential', 'rate', 'quota', 'vendor', 'approval'] },
        since: time,
        nextAttemptAt: time,
        detail: text,
      }),
    ),
    targets: list(ref('RecallTarget')),
    deduplicated: { type: 'boolean' },
    links: object({ self: text }),
  }),
  DryRun: object({
    dryRun: { const: true },
    approvalNeeded: { type: 'boolean' },
    devices: maybe(count),
    targets: list(
      object(
        {
          app: text,
          provider: text,
          ...handles,
          requested: operation,
          operation: maybe(operation),
          ladder: list(operation),
          effects,
          devices: maybe(count),
          warnings: list(text),
          running: maybe(object({ id: text, operation })),
        },
        ['pushId', 'notifyId'],
      ),
    ),
  }),
  Message: object(
    {
      id: text,
      title: maybe(text),
      body: maybe(text),
      url: maybe(text),
      contents: list(text),
      expiresAt: maybe(time),
      registeredBy: text,
      createdAt: time,
      recall: maybe(object({ id: text, state: maybe(state), links: object({ self: text }) })),
      targets: list(
        object(
          {
            app: text,
            provider: text,
            ...handles,
            audience: maybe(text),
            audienceSize: maybe(count),
            devices: maybe(count),
          },
          ['pushId', 'notifyId', 'audience', 'audienceSize', 'devices'],
        ),
      ),
      warnings: list(text),
    },
    ['warnings'],
  ),
  MessageList: object({ items: list(ref('Message')), nextCursor: maybe(text) }),
  RecallList: object({ items: list(ref('Recall')), nextCursor: maybe(text) }),
  Received: object({ received: count, recall: object({ id: text, links: object({ self: text }) }) }, ['recall']),
  Status: object({
    app: text,
    provider: text,
    pushId: text,
    status: maybe(text),
    scheduled: { type: 'boolean' },
    asOf: time,
    stale: maybe(text),
    vendor: maybe({ type: 'object' }),
  }),
  Capabilities: object({ items: list({ type: 'object' }) }),
  Health: object({ status: { enum: ['ready', 'not-ready'] }, checks: { type: 'object' } }),
  Alive: object({ status: { const: 'ok' } }),
}
