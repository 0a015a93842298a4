import { requestRecall } from '../shared/recall/request.ts'
import { serve } from '../shared/serve.ts'

export const main_handler = serve('revoke', {
  'POST /v1/revoke': context => requestRecall(context, 'revoke'),
})
