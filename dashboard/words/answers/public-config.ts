/** What a browser has to know to sign somebody in. */
import type { WordTable } from '../../../shared/words.ts'

export const publicConfigWords: WordTable = {
  oidc: ['How people sign in; null: with API keys alone.', '人员的登录方式；null 表示只能使用 API 密钥。'],
  issuer: ['Who signs people in, as its discovery document names itself.', '登录的签发方，与其发现文档中的名称一致。'],
  clientId: ['The public client to ask with.', '用于登录的公开客户端。'],
  audience: ['Of the access token that the API takes.', 'API 接受的访问令牌的受众。'],
  scope: ['What to ask for.', '登录时请求的范围。'],
  apiBases: [
    'Origins of functions that have one of their own, by the beginning of their paths; everything else is at this origin.',
    '拥有独立域名的函数，以路径前缀为键；其余均在当前域名下。',
  ],
  environment: ['The name of this environment.', '本环境的名称。'],
  version: ['Of Unpush.', 'Unpush 的版本。'],
  local: ['It runs on the machine of who asks, beside its sandbox.', '运行在请求者自己的机器上，旁边是沙箱。'],
}
