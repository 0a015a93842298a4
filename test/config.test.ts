import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ConfigError, readAwsCredentials, readConfig, readTencentCredentials } from '../shared/config.ts'

describe('the configuration', () => {
  it('has the defaults of the contract', () => {
    const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    const packageJson: { version: string } = JSON.parse(file)
    expect(readConfig({})).toEqual({
      port: 8787,
      basePath: '',
      apiBases: {},
      environment: 'sandbox',
      ledgerUrl: 'pglite:.unpush/ledger',
      secrets: { kind: 'sandbox' },
      timers: true,
      dashboardOrigin: null,
      sweeps: 4,
      version: packageJson.version,
      platform: 'local',
      deployed: null,
    })
    expect(readConfig({ PORT: '', SECRETS: '' })).toEqual(readConfig({}))
  })

  it('takes the secrets and the ledger of the platform in the cloud', () => {
    expect(readConfig({ TENCENTCLOUD_RUNENV: 'SCF' })).toMatchObject({
      platform: 'scf',
      secrets: { kind: 'tencent-ssm' },
      ledgerUrl: null,
    })
    expect(readConfig({ AWS_LAMBDA_FUNCTION_NAME: 'unpush-revoke' })).toMatchObject({
      platform: 'lambda',
      secrets: { kind: 'aws-secrets-manager' },
      ledgerUrl: null,
    })
  })

  it('reads every variable', () => {
    expect(
      readConfig({
        PORT: '0',
        LEDGER_URL: 'postgres://app@db/unpush',
        SECRETS: 'file:./my secrets.json',
        UNPUSH_TIMERS: 'off',
        UNPUSH_DASHBOARD_ORIGIN: 'https://console.example.com:8443',
        UNPUSH_API_BASES: '{"/v1/messages":"https://m.example.com"}',
      }),
    ).toMatchObject({
      port: 0,
      ledgerUrl: 'postgres://app@db/unpush',
      secrets: { kind: 'file', path: './my secrets.json' },
      timers: false,
      dashboardOrigin: 'https://console.example.com:8443',
      apiBases: { '/v1/messages': 'https://m.example.com' },
    })
  })

  it.each([
    ['PORT', ['65536', '-1', '80.5', 'http', ' 80', '1e3', '0x50']],
    ['LEDGER_URL', ['mysql://u:canary-pw@db/x', 'pglite:', 'pglite', 'canary-pw']],
    ['SECRETS', ['file:', 'vault', 'Sandbox', 'constructor']],
    ['UNPUSH_TIMERS', ['true', '0', 'ON', 'constructor', 'toString']],
    ['TENCENT_SSM_ENDPOINT', ['http://ssm.example', 'https://ssm.example/', 'ssm.example', 'http://127.0.0.1.example']],
    ['AWS_ENDPOINT_URL_SECRETS_MANAGER', ['http://10.0.0.1', 'ftp://localhost']],
    ['TENCENTCLOUD_REGION', ['guangzhou.example', 'ap-guangzhou/']],
    [
      'UNPUSH_BASE_PATH',
      ['https://a.example/push', '/push?x', '/push#x', '/a b', '/a//b', '/../a', '/.', '/名', '/a%2Fb', '*'],
    ],
    ['UNPUSH_ENVIRONMENT', [' ', 'a\nb', '<b>', 'x'.repeat(41), '-']],
    [
      'UNPUSH_API_BASES',
      [
        'x',
        '[]',
        'null',
        '1',
        '{"/v1/messages":1}',
        '{"v1":"https://a.example"}',
        '{"/v1/messages":"https://a.example/x"}',
        '{"/v1/messages":"http://a.example"}',
        '{"/v1;x":"https://a.example"}',
      ],
    ],
    ['UNPUSH_DASHBOARD_ORIGIN', ['*', 'https://a.example/', 'https://a.example/x', 'ftp://a.example', 'null', 'a.b']],
  ])('%s with a value that is not allowed is one line that names it', (name, values) => {
    for (const value of values) {
      const message = refusalOf({ [name]: value })
      expect(message).toMatch(new RegExp(`^ConfigError: ${name} is not valid: it must be [^\n]+\\.$`))
      expect(message).not.toContain('canary')
    }
  })

  it('knows which function it is, and whom it asks there', () => {
    expect(
      readConfig({
        TENCENTCLOUD_RUNENV: 'SCF',
        TENCENTCLOUD_REGION: 'ap-guangzhou',
        SCF_FUNCTIONNAME: 'unpush-prod-revoke',
        TENCENT_SSM_ENDPOINT: 'http://127.0.0.1:1',
        TENCENT_SCF_ENDPOINT: 'https://scf.internal.example',
      }),
    ).toMatchObject({
      secrets: { kind: 'tencent-ssm', region: 'ap-guangzhou', endpoint: 'http://127.0.0.1:1' },
      deployed: {
        platform: 'scf',
        name: 'unpush-prod-revoke',
        namespace: 'default',
        region: 'ap-guangzhou',
        endpoint: 'https://scf.internal.example',
      },
    })
    expect(
      readConfig({
        AWS_LAMBDA_FUNCTION_NAME: 'unpush-prod-revoke',
        AWS_REGION: 'ap-southeast-1',
        AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://localhost:2',
        AWS_ENDPOINT_URL_LAMBDA: 'http://localhost:3',
      }),
    ).toMatchObject({
      secrets: { kind: 'aws-secrets-manager', region: 'ap-southeast-1', endpoint: 'http://localhost:2' },
      deployed: { platform: 'lambda', name: 'unpush-prod-revoke', endpoint: 'http://localhost:3' },
    })
  })

  it('reads credentials whole or not at all', () => {
    expect(readTencentCredentials({ TENCENTCLOUD_SECRETID: 'a', TENCENTCLOUD_SECRETKEY: 'b' })).toEqual({
      id: 'a',
      key: 'b',
      token: null,
    })
    expect(readTencentCredentials({ TENCENTCLOUD_SECRETID: 'a' })).toBeNull()
    expect(readAwsCredentials({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' })).toEqual({
      id: 'a',
      key: 'b',
      token: 'c',
    })
    expect(readAwsCredentials({ AWS_SECRET_ACCESS_KEY: 'b' })).toBeNull()
  })
})

function refusalOf(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return String(error)
    throw error
  }
  return 'nothing was refused'
}
