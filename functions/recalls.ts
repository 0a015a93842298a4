import { recallQuery } from '../shared/api-schemas.ts'
import { listRecalls } from '../shared/ledger/recalls.ts'
import { page, readPage } from '../shared/pages.ts'
import { decide, review } from '../shared/recall/approvals.ts'
import { events } from '../shared/recall/events.ts'
import { cancel, retry, visibleRecall } from '../shared/recall/recalls.ts'
import { viewOptions } from '../shared/recall/view-options.ts'
import { viewRecall } from '../shared/recall/view.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('recalls', {
  'GET /v1/recalls/{id}': async context => {
    const recall = await visibleRecall(context, context.params['id'] ?? '')
    return json(200, viewRecall(recall, await viewOptions(context, [recall], context.principal)))
  },
  'GET /v1/recalls/{id}/events': events,
  'GET /v1/recalls': async context => {
    const query = context.query(recallQuery())
    const wanted = readPage(query, context.principal, 'recall')
    const filter = {
      ...wanted,
      content: query.content ?? null,
      message: query.message ?? null,
      handle: query.handle ?? null,
      person: query.person ?? null,
      operation: query.operation ?? null,
      ticket: query.ticket ?? null,
      states: query.state ?? null,
    }
    const answer = await page(
      wanted,
      part => listRecalls(context.ledger, { ...filter, ...part }),
      async recalls => {
        const options = await viewOptions(context, recalls, context.principal)
        return recalls.map(recall => viewRecall(recall, options))
      },
    )
    return json(200, answer)
  },
  'POST /v1/recalls/{id}/approve': context => decide(context, 'approved'),
  'POST /v1/recalls/{id}/decline': context => decide(context, 'declined'),
  'POST /v1/recalls/{id}/review': review,
  'POST /v1/recalls/{id}/cancel': cancel,
  'POST /v1/recalls/{id}/retry': retry,
})
