/** A path that a custom domain or a proxy keeps before ours (`UNPUSH_BASE_PATH`). */
import { readBasePath, readDashboardOrigin } from './config.ts'

/** Of a request's path. One that comes without the base path, past the domain or through a proxy that cuts it, is taken too. */
export function withoutBasePath(path: string, base: string = readBasePath()): string {
  if (base === '' || !path.startsWith(base)) return path
  const rest = path.slice(base.length)
  return rest === '' ? '/' : rest.startsWith('/') ? rest : path
}

/** A path of ours as callers and subscribers reach it. */
export function linkTo(path: string): string {
  return `${readBasePath()}${path}`
}

/**
 * A page of the console, for people: at the origin that the deployment names, else at that of the request it came of. Without
 * either, its path.
 */
export function pageAt(path: string, origin: string | null): string {
  return `${readDashboardOrigin() ?? origin ?? ''}${linkTo(path)}`
}

/** `https://<host>`; http on this machine. Null where the header names none. */
export function originOfHost(host: string | undefined): string | null {
  const [, name = ''] = /^([a-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(?::\d{1,5})?$/i.exec(host ?? '') ?? []
  if (name === '') return null
  return `${/^(localhost|127\.[\d.]+|\[::1\])$/i.test(name) ? 'http' : 'https'}://${host}`
}
