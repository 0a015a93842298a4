import { statusQuery } from '../shared/api-schemas.ts'
import { readStatus } from '../shared/recall/status.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('status', {
  'GET /v1/status': async context => json(200, await readStatus(context, context.query(statusQuery()))),
})
