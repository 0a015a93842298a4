/** What API Gateway lets through, of each path that asks nobody who he is, and of all together. From the function table. */
import { type FunctionEntry, functions } from '../shared/functions.ts'

/** Callers with a key have limits of their own; this is for whoever has none, and still costs a look at its key. */
const all = { ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 1000 }

const entries: readonly FunctionEntry[] = Object.values(functions)

/** Properties of the HTTP API's stage, and the routes that must be there before it. */
export function stageOf(): { DependsOn: string[]; Properties: { [name: string]: unknown } } {
  const limited = entries.flatMap(({ routes, prefixes, throttle }) => {
    if (throttle === null) return []
    const { perSecond } = throttle
    const settings = { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: perSecond }
    const paths = [...new Set(routes.map(({ path }) => path))].map(path => ({ key: `ANY ${path}`, id: routeId(path) }))
    return [...paths, ...(prefixes.includes('/') ? [{ key: '$default', id: 'HttpApiRouteDefault' }] : [])].map(
      ({ key, id }) => ({ key, id, settings }),
    )
  })
  return {
    DependsOn: limited.map(({ id }) => id),
    Properties: {
      DefaultRouteSettings: all,
      RouteSettings: Object.fromEntries(limited.map(({ key, settings }) => [key, settings])),
    },
  }
}

/** As the Serverless CLI calls the route of a path in the template. */
function routeId(path: string): string {
  const words = path.split('/').map(part =>
    part
      .toLowerCase()
      .replace(/\{(.*)\}/, '$1Var')
      .replaceAll(/[^0-9A-Za-z]/g, ''),
  )
  return `HttpApiRoute${['any', ...words.slice(1)].map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`
}
