import { startPulls } from '../shared/moderation/start-pulls.ts'
import { serveTimer } from '../shared/serve-timer.ts'
import { sweepSteps } from '../shared/sweep/steps.ts'
import { sweep } from '../shared/sweep/sweep.ts'
import { startDeliveries } from '../shared/webhooks/start-deliveries.ts'

export const main_handler = serveTimer('sweep', 'workers', async context => {
  // beside the rest, so that none waits for another: receivers and moderation systems are slow, and recalls are urgent
  const deliveries = startDeliveries(context)
  const pulls = startPulls(context)
  try {
    await sweep(context, sweepSteps)
  } finally {
    // what they recall is to be told of, too
    await pulls
    await deliveries.finish()
  }
})
