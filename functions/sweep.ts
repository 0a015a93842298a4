import { pullVerdicts } from '../shared/moderation/pull-verdicts.ts'
import { serveTimer } from '../shared/serve.ts'
import { sweepSteps } from '../shared/sweep/steps.ts'
import { sweep } from '../shared/sweep/sweep.ts'
import { startDeliveries } from '../shared/webhooks/deliver.ts'

export const main_handler = serveTimer('sweep', async context => {
  // beside the rest, so that none waits for another: receivers and moderation systems are slow, and recalls are urgent
  const deliveries = startDeliveries(context)
  const pulls = pullVerdicts(context)
  try {
    await sweep(context, sweepSteps)
  } finally {
    // what they recall is to be told of, too
    await pulls
    await deliveries.finish()
  }
})
