/** The apps of this deployment: each one set of vendor credentials in the secrets manager. */
import * as z from 'zod/mini'
import { Problem } from '../errors.ts'
import type { Credentials, Provider, Vendors } from '../providers/provider.ts'
import { appsSchema } from '../secrets/documents.ts'
import { readRequired, SecretError, type Secrets } from '../secrets/secrets.ts'
import type { Tally } from '../tally.ts'

export interface App {
  readonly name: string
  readonly provider: Provider
  readonly credentials: Credentials
}

export interface Apps {
  names(): Promise<readonly string[]>
  /** Null: there is no such app. Rejects with `SecretError` where its credentials cannot be had. */
  find(name: string): Promise<App | null>
  /** After the vendor refused the credential: true when the secrets manager has another one. */
  renew(name: string): Promise<boolean>
}

const anyCredentials = z.looseObject({ provider: z.string() })

export function openApps(secrets: Secrets, vendors: Vendors): Apps {
  const names = async () => (await secrets.read('unpush/apps', appsSchema()))?.apps ?? []
  return {
    names,
    find: async name => {
      if (!(await names()).includes(name)) return null
      const secret = `unpush/apps/${name}`
      const document = await readRequired(secrets, secret, anyCredentials)
      const provider = await vendors.find(document.provider)
      if (provider === null) {
        throw new SecretError('malformed', secret, 'provider', `must be one of ${vendors.names.join(', ')}`)
      }
      return { name, provider, credentials: await readRequired(secrets, secret, provider.credentials) }
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
