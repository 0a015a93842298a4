/** The link that `npm start` prints: its code works once, on this machine, and leaves the address bar before it is used. */
import { call } from './api.ts'
import { enter } from './entering.ts'
import { replace } from './router.ts'

/** True where the code was taken and somebody is signed in. */
export async function signInByCode(): Promise<boolean> {
  const code = /^#\/sign-in\/([A-Za-z0-9_-]{20,64})$/.exec(location.hash)?.[1]
  if (code === undefined) return false
  replace('#/messages')
  const answer = await call<{ readonly key: string }>('POST', '/_local/sign-in', { body: { code } })
  if (answer.kind !== 'ok') return false
  return (await enter({ secret: answer.body.key, kind: 'key', expiresAt: null })) === null
}
