/** Which database user a process is: one for each class of functions, and the owner, who deploys and migrates. */
import { X509Certificate } from 'node:crypto'
import * as z from 'zod/mini'
import type { FunctionClass } from '../functions.ts'
import { type LedgerAddress, readLedgerAddress } from '../ledger/address.ts'
import { AddressError } from '../ledger/unreachable.ts'
import { optional } from '../members.ts'
import { once } from '../once.ts'
import { readCertificates } from '../pem.ts'
import { readRequired, SecretError, type Secrets } from './secrets.ts'

/** `ca`: PEM certificates of who may sign the server's, in place of those that Node trusts. */
const document = once(() => z.strictObject({ url: z.string(), ca: optional(z.string()) }))

export type LedgerUser = FunctionClass | 'owner'

/** The secrets that are asked for in turn: the first that is there counts. */
export function ledgerSecretsOf(user: LedgerUser): readonly [string, ...string[]] {
  if (user === 'api') return ['unpush/ledger']
  // functions never are the owner, and the owner never is one of them
  return user === 'owner' ? ['unpush/ledger-owner'] : [`unpush/ledger-${user}`, 'unpush/ledger']
}

/** Throws SecretError, which names the secret and what of its URL cannot be read. */
export async function readLedger(secrets: Secrets, user: LedgerUser): Promise<LedgerAddress> {
  const [own, shared] = ledgerSecretsOf(user)
  const found = shared === undefined ? null : await secrets.read(own, document())
  const name = found === null && shared !== undefined ? shared : own
  const { url, ca = null } = found ?? (await readRequired(secrets, name, document()))
  const malformed = (member: string, message: string) => new SecretError('malformed', name, member, message)
  const certificates = ca === null ? null : certificatesIn(ca)
  if (ca !== null && certificates === null) throw malformed('ca', 'must be certificates in PEM')
  try {
    return readLedgerAddress(url, certificates)
  } catch (error) {
    if (error instanceof AddressError) throw malformed('url', `is not valid: ${error.message}`)
    throw error
  }
}

/** For when the ledger lets nobody in: its secrets are fetched again, at most once a minute. Throws as `readLedger`. */
export async function rereadLedger(secrets: Secrets, user: LedgerUser): Promise<LedgerAddress> {
  await Promise.all(ledgerSecretsOf(user).map(name => secrets.refetch(name)))
  return readLedger(secrets, user)
}

/** Null: there are none, or one cannot be read. */
function certificatesIn(text: string): string | null {
  try {
    return (
      readCertificates(text)
        .map(der => new X509Certificate(der).toString())
        .join('') || null
    )
  } catch {
    return null
  }
}
