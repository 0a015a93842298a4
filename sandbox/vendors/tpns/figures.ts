/**
 * /v3/statistics/get_push_task_stat_channel (548/39077): how many devices a task went to, by channel and in all. Kept for 30 days.
 */
import type { Fleet } from '../../fleet.ts'
import type { JsonObject } from '../judgement.ts'
import { Refusal } from './refusal.ts'
import type { TpnsSwitches } from './switches.ts'
import type { TpnsTask } from './state.ts'
import type { TpnsTasks } from './tasks.ts'

const keptMs = 30 * 24 * 3_600_000

/** Its own names; below EMUI 10 the way is Huawei's all the same. */
const names: { readonly [channel: string]: string } = {
  tpns: 'xg',
  xiaomi: 'xm',
  meizu: 'mz',
  huawei: 'hw',
  'huawei-emui9': 'hw',
}

/** Throws Refusal. */
export function onlyPushId(request: JsonObject): unknown {
  if (Object.keys(request).some(name => name !== 'pushId')) throw new Refusal(1_008_007)
  return request['pushId']
}

/** As the switch says, these are what they are, too small, too large, or nothing that can be read. */
export function figuresOf(
  task: TpnsTask,
  tasks: Pick<TpnsTasks, 'audiencePhones'>,
  fleet: Fleet,
  lie: TpnsSwitches['figures'],
  nowMs: number,
): string {
  const head = '{"retCode":0,"errMsg":"NO_ERROR","pushStatDataAll":'
  if (lie === 'none' || nowMs - task.sendAtMs > keptMs || task.status === 'PUSH_WAIT') return `${head}null}`
  if (lie === 'garbled') return `${head}[{"channel":"xg","pushState":"1000"},{"channel":7},null]}`
  const factor = { true: 1, small: 0.01, large: 1000 }[lie]
  const audience = tasks.audiencePhones(task)
  const shown = new Set(fleet.ofApp(task.app).filter(({ notices }) => notices.some(({ key }) => key === task.pushId)))
  const rows = new Map<string, { planned: number; sent: number; arrived: number; clicked: number; cleared: number }>()
  audience.forEach((phone, index) => {
    const name = names[phone.channel] ?? phone.channel
    for (const channel of [name, 'all']) {
      const row = rows.get(channel) ?? { planned: 0, sent: 0, arrived: 0, clicked: 0, cleared: 0 }
      rows.set(channel, row)
      const state = phone.notices.find(({ key }) => key === task.pushId)?.state
      row.planned += 1
      row.sent += index < task.sentTo ? 1 : 0
      row.arrived += shown.has(phone) ? 1 : 0
      row.clicked += state === 'clicked' ? 1 : 0
      row.cleared += state === 'cleared' ? 1 : 0
    }
  })
  const times = (count: number) => Math.floor(count * factor)
  const data = [...rows].map(([channel, { planned, sent, arrived, clicked, cleared }]) => ({
    channel,
    pushState: {
      pushActiveUv: times(planned),
      pushOnlineUv: times(sent),
      arrivalUv: times(arrived),
      verifySvcUv: times(arrived),
      callbackVerifySvcUv: 0,
      pushRetryUv: 0,
      verifyUv: times(arrived),
      clickUv: times(clicked),
      cleanupUv: times(cleared),
    },
  }))
  return `${head}${JSON.stringify(data)}}`
}
