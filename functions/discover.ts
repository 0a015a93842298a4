import { discover } from '../shared/recall/discover.ts'
import { serveTimer } from '../shared/serve-timer.ts'

export const main_handler = serveTimer('discover', 'workers', discover)
