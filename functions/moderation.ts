import { receive } from '../shared/moderation/receive.ts'
import { serve } from '../shared/serve.ts'

export const main_handler = serve('moderation', {
  'POST /v1/webhooks/{endpoint}': context => receive(context),
})
