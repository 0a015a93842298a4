/** Brings the ledger to this version before any function of this version runs: migrations only ever add. */
import { readAwsCredentials, readConfig, readTencentCredentials } from '../shared/config.ts'
import { LedgerMismatch, migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import { whyUnreachable } from '../shared/ledger/unreachable.ts'
import { readLedger } from '../shared/secrets/ledger.ts'
import { openSecrets } from '../shared/secrets/secrets.ts'
import { openSecretSource } from '../shared/secrets/sources.ts'
import { deployWarnings } from '../shared/secrets/warnings.ts'

/** What marks a process as a function of that cloud, so that it reads the same secrets from the same place. */
const clouds = {
  tencent: {
    marks: (region: string) => ({ TENCENTCLOUD_RUNENV: 'SCF', TENCENTCLOUD_REGION: region }),
    credentials: readTencentCredentials,
    variables: 'TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY',
  },
  aws: {
    marks: (region: string) => ({ AWS_LAMBDA_FUNCTION_NAME: 'deploy', AWS_REGION: region }),
    credentials: readAwsCredentials,
    variables: 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  },
} as const

/**
 * The ledger is that of `LEDGER_URL`, or of the cloud's secret `unpush/ledger-owner`. Resolves with what people should know
 * of the secrets that the functions will read. Rejects with one line for people.
 */
export async function migrateDeployed(cloud: keyof typeof clouds, region: string): Promise<string[]> {
  const { marks, credentials, variables } = clouds[cloud]
  const { secrets, ledgerUrl } = readConfig({ ...process.env, ...marks(region) })
  const needed = ledgerUrl === null && ['tencent-ssm', 'aws-secrets-manager'].includes(secrets.kind)
  if (needed && credentials() === null) throw new Error(`Set ${variables}: the ledger's address is a secret there.`)
  const source = openSecrets(openSecretSource(secrets))
  const at = ledgerUrl ?? (await readLedger(source, 'owner'))
  if (ledgerUrl?.startsWith('pglite:')) throw new Error('LEDGER_URL is not valid: a deployed ledger is at postgres://…')
  const ledger = await openLedger(at, { connections: 1 })
  try {
    await migrate(ledger)
  } catch (error) {
    if (error instanceof LedgerMismatch) throw error
    const { code } = (error ?? {}) as { code?: unknown }
    const why = whyUnreachable(error)?.message ?? (typeof code === 'string' ? `PostgreSQL says ${code}.` : null)
    if (why === null) throw error
    throw new Error(`The ledger was not migrated. ${why}`, { cause: error })
  } finally {
    await ledger.close()
  }
  return needed ? deployWarnings(source) : []
}
