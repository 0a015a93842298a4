import { serveTimer } from '../shared/serve.ts'
import { sweep } from '../shared/recall/sweep.ts'

export const main_handler = serveTimer('sweep', sweep)
