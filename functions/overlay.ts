import { requestRecall } from '../shared/recall/request.ts'
import { serve } from '../shared/serve.ts'

export const main_handler = serve('overlay', {
  'POST /v1/overlay': context => requestRecall(context, 'overlay'),
  'POST /v1/corrections': context => requestRecall(context, 'correct'),
})
