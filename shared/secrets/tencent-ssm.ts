/**
 * `SECRETS=tencent-ssm`: Tencent Cloud Secrets Manager, GetSecretValue
 * (https://cloud.tencent.com/document/api/1140/40522).
 */
import { callTencent } from '../cloud/tencent.ts'
import { type CloudApi, readTencentCredentials } from '../config.ts'
import { SecretError, type SecretSource } from './source.ts'

/** Names of secrets there have no `/`; ids of apps have none either, so no two of ours become one. */
export function ssmName(secret: string): string {
  return secret.replaceAll('/', '-')
}

const timeoutMs = 3000

/** Throws SecretError at the first fetch where the region or the role's credentials are not there. */
export function tencentSsmSource({ region, endpoint }: CloudApi): SecretSource {
  return {
    name: 'tencent-ssm',
    async fetch(secret) {
      const unavailable = (words: string) => new SecretError('unavailable', secret, null, words)
      const credentials = readTencentCredentials()
      if (region === null) throw unavailable('tencent-ssm needs TENCENTCLOUD_REGION')
      if (credentials === null)
        throw unavailable('tencent-ssm needs the credentials of a role: bind one to the function')
      const answer = await callTencent({
        service: 'ssm',
        version: '2019-09-23',
        action: 'GetSecretValue',
        data: { SecretName: ssmName(secret), VersionId: 'SSM_Current' },
        region,
        credentials,
        endpoint,
        timeoutMs,
      })
      if (answer.ok) return textOf(answer.reply)
      if (answer.code.startsWith('ResourceNotFound')) return null
      if (answer.code.startsWith('ResourceUnavailable.Resource')) {
        throw new SecretError('missing', secret, null, `it is disabled or about to be deleted (${answer.code})`)
      }
      if (/^(UnauthorizedOperation|AuthFailure)/.test(answer.code)) {
        throw unavailable(`tencent-ssm refuses it to the function's role (${answer.code})`)
      }
      const why = answer.code === 'unreached' ? answer.message : answer.code
      throw unavailable(`tencent-ssm does not answer with it (${why})`)
    },
  }
}

function textOf({ SecretString: text, SecretBinary: binary }: { readonly [member: string]: unknown }): string {
  if (typeof text === 'string' && text !== '') return text
  return typeof binary === 'string' ? Buffer.from(binary, 'base64').toString('utf8') : ''
}
