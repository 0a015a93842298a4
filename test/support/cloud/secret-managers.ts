/** Tencent's and AWS's secrets managers on this machine: strict about signatures, names and members, and down on demand. */
import { randomUUID } from 'node:crypto'
import { refuseSigV4 } from './sigv4.ts'
import { type Answered, type Arrived, type Keyring, standIn, type StandIn } from './stand-in.ts'
import { refuseTc3 } from './tc3.ts'

export interface SecretManager extends StandIn {
  /** Under the names of that cloud; a text, or bytes. */
  readonly secrets: Map<string, string | Buffer>
  /** Every request that came, by the name it asked for. */
  readonly asked: string[]
  /** What was refused for its signature or form. */
  readonly refused: string[]
  /** `fail`: what every request is answered with meanwhile; null: as it should be. */
  fail: ((name: string) => Answered | 'cut' | 'hang' | null) | null
}

export interface Roles {
  readonly keyring: Keyring
  /** Whether whoever holds this key may read the secret. */
  readonly may: (id: string, name: string) => boolean
}

type Read = (arrived: Arrived) => { name: string; id: string; answer: (manager: SecretManager) => Answered } | Answered

async function secretManager(read: Read): Promise<SecretManager> {
  const manager: Omit<SecretManager, keyof StandIn> = { secrets: new Map(), asked: [], refused: [], fail: null }
  const server = await standIn(async arrived => {
    const request = read(arrived)
    if ('status' in request) {
      manager.refused.push(request.body)
      return request
    }
    manager.asked.push(request.name)
    const failed = manager.fail?.(request.name) ?? null
    if (failed === 'cut') return null
    if (failed === 'hang') return new Promise(() => {})
    return failed ?? request.answer(whole)
  })
  const whole: SecretManager = Object.assign(manager, server)
  return whole
}

export async function startTencentSsm({ keyring, may }: Roles): Promise<SecretManager> {
  const reply = (members: object): Answered => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Response: { ...members, RequestId: randomUUID() } }),
  })
  const error = (Code: string, Message: string) => reply({ Error: { Code, Message } })
  return secretManager(arrived => {
    const refusal = refuseTc3(arrived, 'ssm', keyring)
    if (refusal !== null) return error(refusal.code, refusal.message)
    const { headers } = arrived
    if (headers['x-tc-action'] !== 'GetSecretValue') return error('InvalidAction', String(headers['x-tc-action']))
    if (headers['x-tc-version'] !== '2019-09-23') return error('NoSuchVersion', String(headers['x-tc-version']))
    if (!/^ap-[a-z]+$/.test(String(headers['x-tc-region']))) return error('InvalidParameter', 'Region')
    const { SecretName: name, VersionId: version, ...rest } = JSON.parse(arrived.body.toString())
    if (Object.keys(rest).length > 0) return error('UnknownParameter', Object.keys(rest).join())
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(name)) return error('InvalidParameterValue', 'SecretName')
    const id = /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? ''
    return {
      name,
      id,
      answer: ({ secrets }) => {
        if (!may(id, name)) return error('UnauthorizedOperation', `You are not authorized to read ${name}.`)
        const value = secrets.get(name)
        if (value === undefined || version !== 'SSM_Current') return error('ResourceNotFound', 'It does not exist.')
        const members = { SecretName: name, VersionId: version, SecretString: '', SecretBinary: '' }
        return typeof value === 'string'
          ? reply({ ...members, SecretString: value })
          : reply({ ...members, SecretBinary: value.toString('base64') })
      },
    }
  })
}

export async function startSecretsManager({ keyring, may }: Roles): Promise<SecretManager> {
  const type = { 'content-type': 'application/x-amz-json-1.1' }
  const error = (status: number, __type: string, Message: string): Answered => ({
    status,
    headers: type,
    body: JSON.stringify({ __type, Message }),
  })
  return secretManager(arrived => {
    const region = /Credential=[^/]+\/\d+\/([^/]+)/.exec(arrived.headers.authorization ?? '')?.[1] ?? ''
    const refusal = refuseSigV4(arrived, 'secretsmanager', region, keyring)
    if (refusal !== null) return error(400, refusal.type, refusal.message)
    if (arrived.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue' || arrived.url !== '/') {
      return error(400, 'UnknownOperationException', '')
    }
    if (arrived.headers['content-type'] !== type['content-type']) return error(400, 'SerializationException', '')
    const { SecretId: name, ...rest } = JSON.parse(arrived.body.toString())
    if (typeof name !== 'string' || Object.keys(rest).length > 0) return error(400, 'InvalidParameterException', '')
    const id = /Credential=([^/]+)/.exec(arrived.headers.authorization ?? '')?.[1] ?? ''
    return {
      name,
      id,
      answer: ({ secrets }) => {
        if (!may(id, name)) return error(400, 'AccessDeniedException', `${id} is not authorized to read ${name}`)
        const value = secrets.get(name)
        if (value === undefined) return error(400, 'ResourceNotFoundException', "Secrets Manager can't find it.")
        const members = { ARN: `arn:aws:secretsmanager:${region}:1:secret:${name}-AbCdEf`, Name: name }
        const content = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value.toString('base64') }
        return { status: 200, headers: type, body: JSON.stringify({ ...members, ...content }) }
      },
    }
  })
}
