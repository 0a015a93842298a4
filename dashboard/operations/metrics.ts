import { tokenVendor } from '../documented-vendors.ts'
import type { Operation } from '../operation.ts'

const figures = {
  oldestSeconds: 0,
  leadMs: { p50: 412, p99: 2310 },
  recalls: 3,
  unknown: 0,
  deadLetters: 0,
  calls: [{ vendor: tokenVendor.provider.name, outcome: 'accepted', count: 61 }],
}

export const metricOperations: { readonly [route: string]: Operation } = {
  'GET /v1/metrics': {
    id: 'getMetrics',
    summary: ['Figures of the last day', '最近一天的指标'],
    description: [
      'Text for Prometheus, or with Accept: application/json series of the last 24 hours in steps of five minutes, without those in which nothing was. sweep counts them every minute, so that reading looks at no attempt; the newest step is up to a minute behind. Figures of apps that the key reaches; verdicts as far as GET /v1/verdicts shows them. Rates, errors and durations of requests are in the log: docs/metrics.',
      '默认返回 Prometheus 文本；以 Accept: application/json 请求时返回最近 24 小时的序列，每五分钟一点，无事发生的点省略。由 sweep 每分钟统计，读取时不查询任何调用记录；最新一点最多滞后一分钟。仅含密钥可及的应用；审核结论的范围与 GET /v1/verdicts 相同。请求的速率、错误与耗时取自日志，见 docs/metrics。',
    ],
    answers: {
      200: {
        means: ['The figures.', '各项指标。'],
        holds: 'Metrics',
        text: 'text/plain',
        example: {
          stepSeconds: 300,
          apps: [{ app: tokenVendor.app, points: [{ at: '2026-11-23T02:10:00.000Z', ...figures }], day: figures }],
          verdicts: [{ at: '2026-11-23T02:10:00.000Z', source: 'aliyun-green', state: 'recalled', count: 1 }],
        },
      },
    },
    problems: {},
  },
}
