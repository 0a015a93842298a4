/** The apps of this deployment: each one set of vendor credentials in the secrets manager. */
import * as z from 'zod/mini'
import { Problem } from '../errors.ts'
import { once } from '../once.ts'
import { asWritten, optional } from '../members.ts'
import type { Credentials, Provider, TargetInput, Vendors } from '../providers/provider.ts'
import { addressingOf, isWhole, takesTokens } from './addressing.ts'
import { appsSchema } from '../secrets/documents.ts'
import { readRequired, SecretError, type Secrets } from '../secrets/secrets.ts'
import type { Tally } from '../tally.ts'
import { withNative } from './view-handle.ts'

export interface App {
  readonly name: string
  readonly provider: Provider
  readonly credentials: Credentials
  /** A push of the app that is there to be taken back once a day. */
  readonly canary?: TargetInput
}

export interface Apps {
  names(): Promise<readonly string[]>
  /** Null: there is no such app. Rejects with `SecretError` where its credentials cannot be had. */
  find(name: string): Promise<App | null>
  /** After the vendor refused the credential: true when the secrets manager has another one. */
  renew(name: string): Promise<boolean>
}

const anyCredentials = once(() => z.looseObject({ provider: z.string() }))

/**
 * An app's document: the vendor's own credentials, and beside them what any app may have. Two schemas, each of which names a
 * wrong member as it stands in the document.
 */
function schemasOf(provider: Provider) {
  const { credentials, target } = provider
  /** A canary is revoked, else stopped. */
  const canBeAsked = (target: TargetInput) =>
    !takesTokens(provider) || (target.tokens ?? []).length > 0 || endsWhole(provider, target)
  const native = (canary: unknown): unknown =>
    typeof canary === 'object' && canary !== null && !Array.isArray(canary)
      ? withNative(provider, { ...asWritten(canary) })
      : canary
  return {
    credentials: z.pipe(
      z.transform((document: unknown) => {
        if (typeof document !== 'object' || document === null || Array.isArray(document)) return document
        return Object.fromEntries(Object.entries(document).filter(([name]) => name !== 'canary'))
      }),
      credentials,
    ),
    canary: z.looseObject({
      canary: optional(
        z.pipe(z.transform(native), target).check(z.refine(canBeAsked, 'must name at least one push token')),
      ),
    }),
  }
}

/** Some operation ends the push without naming a device. */
function endsWhole(provider: Provider, { names, audience }: TargetInput): boolean {
  return (['revoke', 'stop'] as const).some(operation => {
    const way = provider[operation] === undefined ? null : addressingOf(provider, operation, { audience })
    const { needs = [] } = provider.capabilities.operations[operation] ?? {}
    const isNamed = needs.length === 0 || needs.some(member => names[member] !== undefined)
    return way !== null && isWhole(way) && isNamed
  })
}

export function openApps(secrets: Secrets, vendors: Vendors): Apps {
  // one of each for a provider: what a schema read of a secret is kept under it
  const schemas = new Map<string, ReturnType<typeof schemasOf>>()
  const names = async () => (await secrets.read('unpush/apps', appsSchema()))?.apps ?? []
  return {
    names,
    find: async name => {
      if (!(await names()).includes(name)) return null
      const secret = `unpush/apps/${name}`
      const document = await readRequired(secrets, secret, anyCredentials())
      const provider = await vendors.find(document.provider)
      if (provider === null) {
        throw new SecretError('malformed', secret, 'provider', `must be one of ${vendors.names.join(', ')}`)
      }
      const { credentials, canary } = schemas.get(provider.name) ?? schemasOf(provider)
      schemas.set(provider.name, { credentials, canary })
      const app = { name, provider, credentials: await readRequired(secrets, secret, credentials) }
      const { canary: taken } = await readRequired(secrets, secret, canary)
      return taken === undefined ? app : { ...app, canary: taken }
    },
    renew: name => secrets.refetch(`unpush/apps/${name}`),
  }
}

/** `find`, where an app whose credentials cannot be had is an outage of ours. */
export async function findApp(apps: Apps, name: string): Promise<App | null> {
  return apps.find(name).catch((error: unknown) => {
    if (!(error instanceof SecretError)) throw error
    throw new Problem('unavailable', `The credentials of ${name} cannot be used now. The log says why.`, {
      headers: { 'retry-after': '5' },
      cause: error,
    })
  })
}

/** For pages that show every app: null, and a line in the log, where its credentials cannot be had. */
export async function findReadable(
  { apps, tally }: { readonly apps: Apps; readonly tally: Tally },
  name: string,
): Promise<App | null> {
  return apps.find(name).catch((error: unknown) => {
    if (!(error instanceof SecretError)) throw error
    tally.note(`app ${error.message}`, 'credentials cannot be read', { app: name, error }, 'error')
    return null
  })
}
