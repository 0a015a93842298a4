import { deliveryQuery, verdictQuery } from '../shared/api-schemas.ts'
import { Problem } from '../shared/errors.ts'
import { listDeliveries, readDelivery, replayDelivery, type StoredDelivery } from '../shared/ledger/deliveries.ts'
import { listVerdicts, readVerdict } from '../shared/ledger/list-verdicts.ts'
import { readSubscribers } from '../shared/ledger/subscribers.ts'
import { viewVerdict } from '../shared/moderation/view.ts'
import { page, readPage } from '../shared/pages.ts'
import { readReason } from '../shared/recall/reason.ts'
import { serviceNoticesIn } from '../shared/service-codes.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('deliveries', {
  'GET /v1/verdicts': async context => {
    const query = context.query(verdictQuery())
    const wanted = readPage(query, context.principal, 'verdict')
    const filter = { ...wanted, content: query.content ?? null, states: query.state ?? null }
    const answer = await page(
      wanted,
      part => listVerdicts(context.ledger, { ...filter, ...part }),
      async verdicts => verdicts.map(viewVerdict),
    )
    return json(200, answer)
  },
  'GET /v1/verdicts/{id}': async ({ ledger, principal, params }) => {
    const verdict = await readVerdict(ledger, params['id'] ?? '', principal.grantFor('read'))
    if (verdict === null) throw new Problem('not-found', 'There is no such verdict.')
    return json(200, viewVerdict(verdict))
  },
  'GET /v1/deliveries/{id}': async ({ ledger, principal, params }) => {
    const delivery = await readDelivery(ledger, params['id'] ?? '', principal.grantFor('read'))
    if (delivery === null) throw new Problem('not-found', 'There is no such delivery.')
    return json(200, viewDelivery(delivery))
  },
  'GET /v1/subscribers': async ({ ledger, principal }) =>
    json(200, { items: await readSubscribers(ledger, principal.grantFor('read')), nextCursor: null }),
  'GET /v1/deliveries': async context => {
    const query = context.query(deliveryQuery())
    const wanted = readPage(query, context.principal, 'delivery')
    const filter = { ...wanted, subscriber: query.subscriber ?? null, states: query.state ?? null }
    const answer = await page(
      wanted,
      part => listDeliveries(context.ledger, { ...filter, ...part }),
      async deliveries => deliveries.map(viewDelivery),
    )
    return json(200, answer)
  },
  'POST /v1/deliveries/{id}/replay': async context => {
    const { ledger, principal, log } = context
    const reason = readReason(context)
    const id = context.params['id'] ?? ''
    const apps = principal.grantFor('operate')
    const before = await readDelivery(ledger, id, apps)
    if (before === null) throw new Problem('not-found', 'There is no such delivery.')
    const request = reason === null ? {} : { reason }
    const entry = await context.signEntry({ by: principal, action: 'delivery.replayed', object: id, request })
    if (!(await replayDelivery(ledger, id, entry, reason))) {
      throw new Problem('conflict', `There is no subscriber ${before.subscriber} any more.`)
    }
    context.sealer.soon()
    log.info('delivery replayed', { delivery_id: id, subscriber: before.subscriber, actor: principal.id })
    await context.kick?.()
    return json(202, viewDelivery((await readDelivery(ledger, id, apps)) ?? before))
  },
})

function viewDelivery(delivery: StoredDelivery): object {
  const { recallId, createdAt, cursorAt: _, settledAt, nextAttemptAt, attempts, ...rest } = delivery
  return {
    ...rest,
    attempts: attempts.map(one => ({ ...one, notices: serviceNoticesIn(one.detail) })),
    recall: recallId,
    createdAt: createdAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
  }
}
