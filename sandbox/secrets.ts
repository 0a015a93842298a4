/** Secrets of the three demo apps, as their owners would have filed them, but for the addresses. */
import type { PushKitState } from './vendors/huawei/state.ts'
import type { TpnsAppName, TpnsState } from './vendors/tpns/state.ts'

export const tpnsMount = '/_sandbox/tpns'
export const pushKitMount = '/_sandbox/pushkit'

export function demoSecrets(
  origin: string,
  tpns: TpnsState,
  pushKit: PushKitState,
): { readonly [name: string]: unknown } {
  const tpnsApp = (name: TpnsAppName): object => {
    const { accessId, secretKey, platform } = tpns.apps[name]
    return {
      provider: 'tpns',
      accessId,
      secretKey,
      region: 'guangzhou',
      platform,
      ...(platform === 'ios' && { environment: 'product' }),
      endpoint: `${origin}${tpnsMount}`,
    }
  }
  const auth = 'https://oauth-login.cloud.huawei.com/oauth2/v3'
  return {
    'unpush/apps/news-android': tpnsApp('news-android'),
    'unpush/apps/news-ios': tpnsApp('news-ios'),
    'unpush/apps/news-harmony': {
      provider: 'huawei',
      clientId: pushKit.clientId,
      serviceAccount: {
        project_id: pushKit.projectId,
        key_id: pushKit.keyId,
        private_key: pushKit.privateKey,
        sub_account: pushKit.subAccount,
        auth_uri: `${auth}/authorize`,
        token_uri: `${auth}/token`,
        auth_provider_cert_uri: `${auth}/certs`,
        client_cert_uri: `${auth}/x509?client_id=`,
      },
      endpoint: `${origin}${pushKitMount}`,
      overlayCategory: 'MARKETING',
    },
  }
}
