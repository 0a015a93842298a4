import { capabilitiesQuery } from '../shared/api-schemas.ts'
import { listCapabilities } from '../shared/recall/capabilities.ts'
import { json, serve } from '../shared/serve.ts'

export const main_handler = serve('capabilities', {
  'GET /v1/capabilities': async context =>
    json(200, { items: await listCapabilities(context, context.query(capabilitiesQuery()).app) }),
})
