import { auditQuery } from '../shared/api-schemas.ts'
import { readAudit, readHead } from '../shared/audit/read-audit.ts'
import { add, lift, list } from '../shared/recall/pauses.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('audit', {
  'GET /v1/audit': context => readAudit(context, context.query(auditQuery())),
  'GET /v1/audit/head': async context => json(200, await readHead(context)),
  'GET /v1/pauses': list,
  'POST /v1/pauses': add,
  'DELETE /v1/pauses/{id}': lift,
})
