/**
 * Signing in at an issuer. The code for it is a file of its own, loaded where an issuer is configured. Verifier, state and the
 * way back lie in `sessionStorage` while the browser is away, and are removed on return.
 */
import { signal } from '@preact/signals'
import { enter } from './entering.ts'
import { readLanguage, w } from './language.ts'
import type { Flow, Issuer } from './oidc-flow.ts'
import { replace } from './router.ts'

export const signInProblem = signal<string | null>(null)

async function load(): Promise<Flow> {
  const address = document.documentElement.dataset['signIn'] ?? ''
  const { flow } = (await import(/* @vite-ignore */ address)) as { readonly flow: Flow }
  return flow
}

/** Leaves the page. `silent`: only where the issuer still knows this browser. */
export async function beginSignIn(issuer: Issuer, silent = false): Promise<void> {
  try {
    const flow = await load()
    location.assign(await flow.begin(issuer, location.search + location.hash, silent))
  } catch {
    if (!silent) signInProblem.value = w('issuerAway')
  }
}

/** True where this page is the issuer's answer; the address bar is clean afterwards. */
export async function finishSignIn(issuer: Issuer | null): Promise<boolean> {
  const search = new URLSearchParams(location.search)
  if (!search.has('state') || !(search.has('code') || search.has('error'))) return false
  const answered = new URL(location.href)
  const clean = new URL(location.href)
  for (const name of ['code', 'state', 'error', 'error_description', 'iss', 'session_state', 'scope'])
    clean.searchParams.delete(name)
  history.replaceState(history.state, '', clean)
  if (issuer === null) return false
  try {
    const flow = await load()
    const result = await flow.finish(issuer, answered)
    goBack(result.way)
    if ('denied' in result) {
      markSignedIn(false)
      signInProblem.value = result.silent ? null : w('issuerDenied', { why: result.denied })
      return true
    }
    const refused = await enter({ secret: result.token, kind: 'token', expiresAt: result.expiresAt })
    if (refused === null) markSignedIn(true)
    else signInProblem.value = w('tokenRefused')
  } catch {
    signInProblem.value = w('issuerStrange')
  }
  return true
}

/** To the page, and in the language, that signing in began with. */
function goBack(way: string): void {
  if (!/^[?#]/.test(way)) return
  const back = new URL(way, `${location.origin}${location.pathname}`)
  history.replaceState(history.state, '', back)
  replace(back.hash === '' ? '#/' : back.hash)
  readLanguage()
}

const mark = 'unpush.issuer'

/** After a reload the issuer may still know who this is. The mark says that it did once in this tab, and nothing of whom. */
export function wasSignedIn(): boolean {
  try {
    return sessionStorage.getItem(mark) !== null
  } catch {
    return false
  }
}

export function markSignedIn(is: boolean): void {
  try {
    if (is) sessionStorage.setItem(mark, '1')
    else sessionStorage.removeItem(mark)
  } catch {
    // then it is asked for anew after a reload
  }
}
