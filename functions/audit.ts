import { auditQuery } from '../shared/api-schemas.ts'
import { readAudit } from '../shared/audit/read-audit.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('audit', {
  'GET /v1/audit': async context => json(200, await readAudit(context, context.query(auditQuery()))),
})
