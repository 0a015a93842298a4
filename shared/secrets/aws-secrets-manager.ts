/**
 * `SECRETS=aws-secrets-manager`: GetSecretValue at the version AWSCURRENT
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
 */
import { callAws } from '../cloud/aws.ts'
import { type CloudApi, readAwsCredentials } from '../config.ts'
import { SecretError, type SecretSource } from './source.ts'

const timeoutMs = 3000

/** Throws SecretError at the first fetch where the region or the role's credentials are not there. */
export function awsSecretsManagerSource({ region, endpoint }: CloudApi): SecretSource {
  return {
    name: 'aws-secrets-manager',
    async fetch(secret) {
      const unavailable = (words: string) => new SecretError('unavailable', secret, null, words)
      const credentials = readAwsCredentials()
      if (region === null) throw unavailable('aws-secrets-manager needs AWS_REGION')
      if (credentials === null) throw unavailable('aws-secrets-manager needs the credentials of a role')
      const answer = await callAws({
        service: 'secretsmanager',
        path: '/',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
        body: JSON.stringify({ SecretId: secret }),
        region,
        credentials,
        endpoint,
        timeoutMs,
      })
      if (answer.ok) return textOf(secret, answer.text)
      if (answer.code === 'ResourceNotFoundException') return null
      if (answer.code === 'InvalidRequestException') {
        throw new SecretError('missing', secret, null, 'it is about to be deleted (InvalidRequestException)')
      }
      const why = [answer.code === 'unreached' ? answer.message : answer.code, answer.skew].filter(Boolean).join('; ')
      if (refusals.has(answer.code)) throw unavailable(`aws-secrets-manager refuses it to the function's role (${why})`)
      throw unavailable(`aws-secrets-manager does not answer with it (${why})`)
    },
  }
}

const refusals = new Set([
  'AccessDeniedException',
  'DecryptionFailure',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
])

/** Of a secret that was stored as bytes, those. */
function textOf(secret: string, reply: string): string {
  const { SecretString: text, SecretBinary: binary } = membersOf(secret, reply)
  if (typeof text === 'string') return text
  return typeof binary === 'string' ? Buffer.from(binary, 'base64').toString('utf8') : ''
}

function membersOf(secret: string, reply: string): { readonly [member: string]: unknown } {
  try {
    return JSON.parse(reply) as { readonly [member: string]: unknown }
  } catch {
    throw new SecretError('unavailable', secret, null, 'aws-secrets-manager does not answer with it (garbled)')
  }
}
