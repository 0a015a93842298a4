import { keepTrail } from '../shared/audit/keep-trail.ts'
import { sweepVerdicts } from '../shared/moderation/act.ts'
import { sweep } from '../shared/recall/sweep.ts'
import { serveTimer } from '../shared/serve.ts'

export const main_handler = serveTimer('sweep', async context => {
  await keepTrail(context)
  // before the drain, which then has what verdicts asked for
  await sweepVerdicts(context)
  await sweep(context)
})
