import { setTimeout } from 'node:timers/promises'
import { readConsole, serveAsset } from '../dashboard/console-assets.ts'
import { renderConsole } from '../dashboard/page/console.ts'
import { renderDocs } from '../dashboard/page/docs.ts'
import type { OpenApiDocument } from '../dashboard/page/document.ts'
import { createShelf } from '../dashboard/page/shelf.ts'
import { languageOf, type PageOptions } from '../dashboard/page/shell.ts'
import { linkTo } from '../shared/base-path.ts'
import { readConfig } from '../shared/config.ts'
import { connectOrigins, readPublicConfig } from '../shared/public-config.ts'
import { createHealth, withNotices } from '../shared/health.ts'
import { once } from '../shared/once.ts'
import type { ApiRequest } from '../shared/platform/request.ts'
import { processLog, type Runtime, runtime } from '../shared/runtime.ts'
import { json, servePublic } from '../shared/serve.ts'

const health = createHealth(() => runtime('public'), processLog)
const pages = createShelf()
/** Most instances serve `/livez` and nothing else: 300 KB of description are read when somebody wants them. */
const openapi = () => import('../dashboard/openapi.json', { with: { type: 'json' } }).then(module => module.default)

export const main_handler = servePublic('dashboard', {
  'GET /': async ({ request, runtime: open }) => {
    const [built, origins] = await Promise.all([readConsole(), originsNow(open)])
    return renderConsole(pageOptions(request), built, origins)
  },
  'GET /assets/{file}': async ({ request, params }) => serveAsset(params['file'] ?? '', request, !packs()),
  'GET /docs': async ({ request }) => {
    const options = pageOptions(request)
    return pages.take(request, `/docs ${options.language} ${options.local}`, async () =>
      // as JSON its examples differ from route to route, and TypeScript would make a type of each
      renderDocs((await openapi()) as unknown as OpenApiDocument, options),
    )
  },
  'GET /config.json': async ({ runtime: open }) => json(200, await readPublicConfig(await open())),
  'GET /openapi.json': async ({ request }) =>
    pages.take(request, '/openapi.json', async () =>
      json(200, { ...(await openapi()), servers: [{ url: linkTo('') || '/' }] }),
    ),
  'GET /livez': async () => alive(),
  'GET /readyz': async () => {
    const found = await health()
    return json(found.status === 'ready' ? 200 : 503, await withNotices(found))
  },
})

/** Where the API's functions have origins of their own, and where people sign in. None is known while the secrets are away. */
async function originsNow(open: () => Promise<Runtime>): Promise<string[]> {
  const known = (async () => readPublicConfig(await open()))().catch(() => null)
  // the page must come while the ledger is away, and while the issuer is
  const found = await Promise.race([known, setTimeout(1000, null, { ref: false })])
  if (found === null) return []
  const own = [...Object.values(found.apiBases), ...(found.oidc === null ? [] : [new URL(found.oidc.issuer).origin])]
  return Promise.race([connectOrigins(found), setTimeout(1000, own, { ref: false })])
}

const alive = once(() => json(200, { status: 'ok' }))

function pageOptions(request: ApiRequest): PageOptions {
  return { language: languageOf(request), local: isLocal() }
}

/** Lambda and the local gateway pass bytes; a Function URL of SCF is not documented to. */
function packs(): boolean {
  try {
    return readConfig().platform !== 'scf'
  } catch {
    return false
  }
}

/** A variable that is not valid stops what needs it, and not a page. */
function isLocal(): boolean {
  try {
    return readConfig().platform === 'local'
  } catch {
    return false
  }
}
