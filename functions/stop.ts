import { requestRecall } from '../shared/recall/request.ts'
import { serve } from '../shared/serve.ts'

export const main_handler = serve('stop', {
  'POST /v1/stop': context => requestRecall(context, 'stop'),
})
