import { beat } from '../shared/ledger/pulse.ts'
import { expire } from '../shared/recall/expire.ts'
import { serveTimer } from '../shared/serve-timer.ts'

export const main_handler = serveTimer('expire', 'workers', async context => {
  await expire(context)
  await beat(context.ledger, 'expire')
})
