import { metrics } from '../shared/metrics.ts'
import { serve } from '../shared/serve.ts'

export const main_handler = serve('metrics', { 'GET /v1/metrics': metrics })
