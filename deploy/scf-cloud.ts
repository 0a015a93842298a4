/** SCF as whoever deploys reaches it. */
import { readConfig, readTencentCredentials } from '../shared/config.ts'
import { openScf, type Scf } from './scf-api.ts'

/** Throws one line for people where the credentials are missing. */
export function openCloud(region: string): Scf {
  const credentials = readTencentCredentials()
  if (credentials === null) throw new Error('Set TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY to deploy.')
  const there = { TENCENTCLOUD_RUNENV: 'SCF', TENCENTCLOUD_REGION: region, SCF_FUNCTIONNAME: 'deploy' }
  const endpoint = readConfig({ ...process.env, ...there }).deployed?.endpoint ?? null
  return openScf({ region, credentials, endpoint })
}
