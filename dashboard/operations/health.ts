import type { Operation } from '../operation.ts'

const well = { ok: true, detail: null, notices: [] }

export const healthOperations: { readonly [route: string]: Operation } = {
  'GET /': {
    id: 'getStart',
    summary: ['The console', '控制台'],
    description: [
      'One document for all of its pages: which one stands in the fragment, as in /#/recalls/rcl_…. English or Chinese, by ?lang= or Accept-Language.',
      '所有页面共用一个文档，页面由地址中的片段决定，例如 /#/recalls/rcl_…。按 ?lang= 或 Accept-Language 显示中文或英文。',
    ],
    answers: { 200: { means: ['A page.', '页面。'], holds: 'text/html' } },
    problems: {},
  },
  'GET /assets/{file}': {
    id: 'getAsset',
    summary: ['A file of the console', '控制台的文件'],
    description: [
      'Script or style. Its name carries a hash of what is inside, so that it may be kept for a year.',
      '脚本或样式。文件名含内容哈希，可缓存一年。',
    ],
    answers: { 200: { means: ['The file.', '文件内容。'], holds: 'text/javascript' } },
    problems: { 'not-found': 'This version of the console has no such file.' },
  },
  'GET /docs': {
    id: 'getDocs',
    summary: ['This reference as a page', '本接口文档页面'],
    description: ['English or Chinese, by ?lang= or Accept-Language.', '按 ?lang= 或 Accept-Language 显示中文或英文。'],
    answers: { 200: { means: ['A page.', '页面。'], holds: 'text/html' } },
    problems: {},
  },
  'GET /config.json': {
    id: 'getConfig',
    summary: ['What a browser has to know to sign somebody in', '浏览器登录所需的配置'],
    description: [
      'The issuer and its client where people sign in with OIDC, the name of this environment, the version. Nothing in it is secret.',
      '使用 OIDC 登录时的签发方与客户端、本环境的名称与版本。其中没有任何机密。',
    ],
    answers: {
      200: {
        means: ['The configuration.', '配置。'],
        holds: 'PublicConfig',
        example: {
          oidc: {
            issuer: 'https://id.example.com/realms/news',
            clientId: 'unpush-console',
            audience: 'https://unpush.example.com/api',
            scope: 'openid profile',
          },
          apiBases: {},
          environment: 'production',
          version: '0.1.0',
          local: false,
        },
      },
    },
    problems: { unavailable: 'The secret unpush/access cannot be read now.' },
  },
  'GET /openapi.json': {
    id: 'getOpenApi',
    summary: ['This reference for machines', '供程序读取的接口描述'],
    description: ['OpenAPI 3.1.', 'OpenAPI 3.1。'],
    answers: { 200: { means: ['This document.', '本文档。'], holds: 'application/json' } },
    problems: {},
  },
  'GET /livez': {
    id: 'getLiveness',
    summary: ['The function runs', '存活检查'],
    description: ['Touches nothing: it answers while the ledger is away.', '不访问任何依赖：账本不可用时也会应答。'],
    answers: { 200: { means: ['It runs.', '正在运行。'], holds: 'Alive', example: { status: 'ok' } } },
    problems: {},
  },
  'GET /readyz': {
    id: 'getReadiness',
    summary: ['The ledger, the secrets and the timers are there', '就绪检查：账本、密钥与定时器'],
    description: [
      'The ledger answers within 2 s, the secret unpush/access can be read, and sweep ran within the last 180 s: timers that died silently are the worst outage. A check that is ok and has a detail is a warning. What is answered is at most 5 s old, however many ask.',
      '账本 2 秒内应答、密钥 unpush/access 可读、sweep 在最近 180 秒内运行过：定时器悄然停摆是最严重的故障。ok 为 true 而 detail 不为空的检查项是警告。无论多少人查询，结果最多是 5 秒前的。',
    ],
    answers: {
      200: {
        means: ['Ready.', '就绪。'],
        holds: 'Health',
        example: {
          status: 'ready',
          checks: {
            ledger: well,
            secrets: well,
            sweep: { ...well, secondsSinceLast: 21 },
            keys: well,
            policy: well,
            signIn: well,
            endpoints: {
              ok: true,
              detail: 'There is no secret unpush/webhooks: no moderation endpoint is known.',
              notices: [{ code: 'endpoints_none', params: {} }],
            },
          },
        },
      },
      503: {
        means: ['Not ready; checks says why.', '未就绪；checks 说明原因。'],
        holds: 'Health',
        example: {
          status: 'not-ready',
          checks: {
            ledger: well,
            secrets: well,
            sweep: {
              ok: false,
              detail: 'The timer function sweep has not run in the last 180 seconds.',
              notices: [{ code: 'sweep_silent', params: { seconds: 180 } }],
              secondsSinceLast: 240,
            },
          },
        },
      },
    },
    problems: {},
  },
}
