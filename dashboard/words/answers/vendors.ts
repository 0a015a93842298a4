/** What vendors say of a push and what they can do: records, status, numbers by channel, capabilities. */
import type { WordTable } from '../../../shared/words.ts'

export const vendorAnswerWords: WordTable = {
  record: [
    "The vendor's own record as it was last read; null: it was not asked.",
    '最近一次读到的厂商任务记录；未查询过则为 null。',
  ],
  'VendorRecord.status': [
    "The vendor's word for where the push stands; null: it says none.",
    '厂商侧的任务状态；未说明则为 null。',
  ],
  'VendorRecord.audience': [
    "Whom it went to, in the vendor's word; null: not told.",
    '厂商记录的推送范围；未说明则为 null。',
  ],
  'VendorRecord.source': [
    "How it was sent, in the vendor's word (api, web); null: not told.",
    '发送方式，厂商原词（api、web）；未说明则为 null。',
  ],
  'VendorRecord.asOf': ['When the vendor said so.', '厂商给出该记录的时间。'],
  'Status.status': ["The vendor's word for where the push stands.", '厂商侧的任务状态。'],
  scheduled: ['True while the push waits for its time and can be cancelled.', 'true 表示定时推送尚未到点、仍可取消。'],
  'Status.asOf': ['When the vendor said so.', '厂商给出该状态的时间。'],
  stale: ['Why an earlier record is shown; null: it is fresh.', '为何给出的是较早的记录；null 表示为最新。'],
  'AppCapabilities.problem': ['Why the app cannot be used now; null: it can.', '应用当前不可用的原因；可用则为 null。'],
  addressing: [
    'task: one request ends the whole push; tokens: devices are named.',
    'task：一次请求处理整次推送；tokens：逐个指明设备。',
  ],
  batchSize: ['How many devices go into one vendor request.', '单次厂商请求的设备数上限。'],
  operations: ['stop, revoke and overlay, each with what it can do here.', '终止、撤回、覆盖各自在此处的能力。'],
  supported: ['Whether it can be tried.', '是否可以尝试。'],
  refusal: ['Why it cannot be tried; null: it can.', '不能尝试的原因；可以则为 null。'],
  confirmedBy: [
    "Statuses of the vendor's record that prove it; empty: the vendor offers no proof.",
    '可证明操作生效的厂商状态；为空表示厂商不提供证明。',
  ],
  channels: ['Dated vendor data, one row a channel.', '带日期的厂商资料，每个通道一行。'],
  note: ['A condition or a doubt.', '条件或存疑之处。'],
  'targets.channels': [
    'What the vendor counts by channel, of vendors that address pushes as a whole; read within its query budget once the push is out, and empty until then.',
    '厂商按通道统计的数字，仅限按任务统计的厂商；推送下发完毕后在其查询额度内读取，此前为空。',
  ],
  'RecallTarget.channels': [
    'What the vendor counts by channel, where it counts no devices for a recall; empty: it has not told yet.',
    '厂商按通道统计的数字，用于不按设备返回回撤结果的厂商；尚未读到则为空。',
  ],
  planned: ['Devices that the push was meant to reach; null: not told.', '计划下发的设备数；未告知则为 null。'],
  sent: ['Devices that it was sent to; null: not told.', '已下发的设备数；未告知则为 null。'],
  arrived: ['Devices that it has arrived at; null: not told.', '已抵达的设备数；未告知则为 null。'],
  clicked: ['Devices on which it was clicked; null: not told.', '已点击的设备数；未告知则为 null。'],
  cleared: ['Devices on which it was wiped away; null: not told.', '用户划除通知的设备数；未告知则为 null。'],
  'channels.asOf': [
    'When the vendor said so; of dated vendor data, the day the source was last changed or read.',
    '厂商给出数字的时间；厂商资料则为来源最近更新或查阅的日期。',
  ],
  'channels.since': ['First day it held.', '生效首日。'],
  until: ['Last day the documents said so.', '文档所载的最后一日。'],
  source: ["The vendor's page.", '厂商文档地址。'],
  asOf: ['The day the source was last changed or read.', '来源最近更新或查阅的日期。'],
  limits: ["The vendor's limits.", '厂商的各项限制。'],
  name: ['What is limited.', '限制的对象。'],
  value: ['How much.', '数值。'],
  unit: ['In what unit.', '单位。'],
  inferred: [
    'True where no vendor page states it: nothing is refused for it.',
    'true 表示厂商文档未明言：不会因此拒绝请求。',
  ],
}
