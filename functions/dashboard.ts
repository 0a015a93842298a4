import openapi from '../dashboard/openapi.json' with { type: 'json' }
import { renderDocs, renderStart } from '../dashboard/pages.ts'
import { readConfig } from '../shared/config.ts'
import { readHealth } from '../shared/health.ts'
import { json, servePublic } from '../shared/serve.ts'

export const main_handler = servePublic('dashboard', {
  'GET /': async () => renderStart(readConfig().platform === 'local'),
  'GET /docs': async () => renderDocs(openapi),
  'GET /openapi.json': async () => json(200, openapi),
  'GET /livez': async () => json(200, { status: 'ok' }),
  'GET /readyz': async ({ runtime }) => {
    const shared = await runtime().catch(() => null)
    if (shared === null) return json(503, { status: 'not-ready', checks: {} })
    const health = await readHealth(shared.ledger, shared.secrets)
    return json(health.status === 'ready' ? 200 : 503, health)
  },
})
