/** A path that a custom domain or a proxy keeps before ours (`UNPUSH_BASE_PATH`). */
import { readBasePath } from './config.ts'

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
