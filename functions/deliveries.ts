import { verdictQuery } from '../shared/api-schemas.ts'
import { listVerdicts } from '../shared/ledger/list-verdicts.ts'
import { viewVerdict } from '../shared/moderation/view.ts'
import { page, readPage } from '../shared/pages.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('deliveries', {
  'GET /v1/verdicts': async context => {
    const query = context.query(verdictQuery())
    const wanted = readPage(query, context.principal)
    const found = await listVerdicts(context.ledger, {
      ...wanted,
      content: query.content ?? null,
      state: query.state ?? null,
    })
    return json(200, await page(found, wanted.limit, async verdict => viewVerdict(verdict)))
  },
})
