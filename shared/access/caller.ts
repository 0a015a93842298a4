/** Who calls, by the credential of a request; what is wrong with credentials leaves a line in the log. */
import { Problem } from '../errors.ts'
import type { Route } from '../functions.ts'
import type { ApiRequest } from '../platform/envelope.ts'
import type { Runtime } from '../runtime.ts'
import { accessSchema } from '../secrets/documents.ts'
import { readRequired } from '../secrets/secrets.ts'
import { accessWarning } from '../secrets/warnings.ts'
import { authenticate, bearerKey, type Principal, type Refusal } from './access.ts'
import { isGenerated } from './api-key.ts'
import { noteRefusal } from './refusals.ts'

/** Throws `unauthorized`, and SecretError where nobody can be known now. */
export async function callerOf(
  { secrets, tally, notices }: Pick<Runtime, 'secrets' | 'tally' | 'notices'>,
  request: ApiRequest,
  route: Route,
): Promise<Principal> {
  const access = await readRequired(secrets, 'unpush/access', accessSchema())
  const warning = accessWarning(access)
  if (warning !== null) notices.warn(warning)
  const { authorization } = request.headers
  try {
    const principal = authenticate(authorization, access, new Date())
    if (!isGenerated(bearerKey(authorization) ?? '')) notices.note('weak-key', principal.id, weakKey(principal.id))
    return principal
  } catch (error) {
    if (error instanceof Problem && error.slug === 'unauthorized') {
      const { why, key } = error.cause as Refusal
      noteRefusal(tally, request, why, { route: route.path, ...(key !== undefined && { key }) })
    }
    throw error
  }
}

function weakKey(id: string): string {
  return `${id} is not of the form unpush_ and 43 characters: make a new one, it may be guessed`
}
