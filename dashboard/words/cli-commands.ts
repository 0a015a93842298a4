/** What each command and flag of the command line does: help, completion and documents say it with these words. */
import { handleFlags } from './vendors/handles.ts'
import type { Words } from '../../shared/words.ts'

export const commandWords = {
  revoke: [
    'Shows the plan, asks, then stops the push and makes shown notifications disappear where the vendor can.',
    '先展示方案并确认，再撤回：停止下发，并在厂商支持之处让已展示的通知消失。',
  ],
  stop: [
    'Shows the plan, asks, then ends the delivery of what has not reached a device yet.',
    '先展示方案并确认，再终止：尚未到达设备的不再下发。',
  ],
  overlay: [
    'Shows the plan, asks, then replaces shown notifications by the new text.',
    '先展示方案并确认，再覆盖：用新内容替换已展示的通知。',
  ],
  correct: [
    'A correction: takes back what can be removed, overlays what can only be replaced, sends nothing twice.',
    '更正：能撤回的撤回，只能覆盖的覆盖，不重复发送。',
  ],
  watch: [
    'Follows a recall to its end. Ctrl-C stops watching; the recall goes on.',
    '跟踪一次回撤直到结束。按 Ctrl-C 只停止查看，回撤继续进行。',
  ],
  messages: [
    'Lists messages, newest first; QUERY is part of a title, an id, a content id or a vendor id.',
    '列出消息，新的在前；QUERY 可为标题片段、ID、内容 ID 或厂商侧 ID。',
  ],
  recalls: [
    'Lists recalls, newest first; with a RECALL one in full, with its timeline.',
    '列出回撤，新的在前；给出 RECALL 则完整展示一次回撤及其时间线。',
  ],
  approve: [
    'Shows what was asked and its check number, asks, then approves it. Without RECALL: lists what waits for you.',
    '展示申请内容与核对数，确认后通过。不带 RECALL 时列出可由本人复核的回撤。',
  ],
  decline: ['The same, and declines it: nothing is taken back.', '同上，但不予通过：不会回撤任何推送。'],
  review: [
    'Marks a break-glass recall as looked at by a second person. Without RECALL: lists those to review.',
    '对紧急放行的回撤做事后复查。不带 RECALL 时列出待复查的回撤。',
  ],
  cancel: [
    'Stops what no vendor was asked yet; what is accepted stays as it is.',
    '停止尚未向厂商发出的部分；已受理的不受影响。',
  ],
  retry: ['Tries again what ended without the vendor’s yes.', '重试未获厂商受理的部分。'],
  status: ['Asks the vendor what it says of one push now.', '查询厂商当前对某次推送的说法。'],
  capabilities: [
    'What can be taken back at each app, by channel, with dates and sources.',
    '各应用按通道能做什么，附日期与出处。',
  ],
  doctor: [
    'Looks at credentials, timers, the ledger, clocks, versions and subscribers; exit 10 where something is wrong.',
    '检查凭据、定时器、账本、时钟、版本与订阅方；有异常时以 10 退出。',
  ],
  audit: [
    'Saves the audit trail as NDJSON, or checks the chain in a file on this machine; the evidence of a recall is met with TRAIL, or with the service’s. Digests, MACs and recalls: npm run verify-audit.',
    '将审计记录导出为 NDJSON，或在本机校验文件中的哈希链；回撤的证据文件与 TRAIL 或服务的记录核对。摘要、MAC 与回撤的核对用 npm run verify-audit。',
  ],
  login: [
    'Keeps a service’s address and key as a profile; the key is read without echo, or from standard input.',
    '将服务地址与密钥存为配置；密钥不回显输入，或从标准输入读取。',
  ],
  logout: ['Forgets a profile and its key.', '删除一个配置及其密钥。'],
  profiles: ['Lists profiles; with NAME uses that one from now on.', '列出配置；给出 NAME 则此后使用此配置。'],
  whoami: ['Tells whose key this is, its roles and its apps.', '显示当前密钥的归属、角色与应用。'],
  open: ['Opens the recall’s page in a browser, and prints its address.', '在浏览器中打开回撤页面，并输出地址。'],
  completion: ['Prints a completion script for the shell.', '输出所选 shell 的补全脚本。'],
} as const satisfies { readonly [name: string]: Words }

/** In the words of each vendor. */
const handleFlagWords = Object.fromEntries(Object.entries(handleFlags).map(([flag, { words }]) => [flag, words])) as {
  readonly [F in keyof typeof handleFlags]: Words
}

export const optionWords = {
  profile: ['use this profile instead of the environment', '使用此配置，优先于环境变量'],
  json: ['print one JSON document, the API’s own object, and nothing else', '只输出一个 JSON 文档，即 API 返回的对象'],
  lang: ['language of what is printed', '输出语言'],
  'no-input': ['never ask; fail with the flag to give', '从不提问；缺少的内容以所需参数报错'],
  help: ['print this', '显示帮助'],
  version: ['print the version', '显示版本'],
  message: ['a registered message', '已登记的消息'],
  messages: ['ids of messages, one a line (at most 200): one recall', '消息 ID，每行一个（最多 200 个）：合为一次回撤'],
  content: ['every message that carries this content id', '带有此内容 ID 的所有消息'],
  app: ['the app', '应用'],
  handle: [
    'the push, by the id that its vendor made, else by the key that the sender chose',
    '推送：填厂商生成的 ID；没有则填发送方自选的标识',
  ],
  ...handleFlagWords,
  tokens: ['push tokens, one a line, bare or as a JSON string', '推送 token，每行一个，可为裸文本或 JSON 字符串'],
  'except-tokens': ['push tokens to leave alone, at most 1,000', '不予处理的推送 token，最多 1,000 个'],
  reason: ['why; required to start a recall', '原因；发起回撤时必填'],
  ticket: ['the ticket or incident', '工单或事故编号'],
  title: ['the new title', '新标题'],
  body: ['the new text', '新正文'],
  link: ['the new link', '新链接'],
  options: ['a JSON file: overlay options by vendor', 'JSON 文件：按厂商给出的覆盖选项'],
  meanwhile: [
    'where approval is needed: stop at once what is not delivered yet',
    '需要复核时：先立即终止尚未下发的部分',
  ],
  timeout: ['stop following after this (90s, 10m, 2h); exit 7', '跟踪的时限（90s、10m、2h）；到时以 7 退出'],
  'max-devices': ['start nothing where more devices are reached; exit 9', '涉及设备超过此数则不发起；以 9 退出'],
  'idempotency-key': ['the same key again is the same recall', '相同的键即同一次回撤'],
  state: ['only those in this state', '只列出此状态'],
  since: ['only those since then: 2h, 3d, or a time', '只列出此后的：2h、3d 或一个时刻'],
  limit: ['how many (1 to 200)', '条数（1 至 200）'],
  cursor: ['go on where the last page ended', '从上一页结束处继续'],
  export: ['write the trail to a file', '将记录写入文件'],
  verify: ['check the chain in a file', '校验文件中的哈希链'],
  'no-fallback': ['do no weaker operation where this one cannot be done', '做不到时不退而采用较弱的操作'],
  'dry-run': ['show the plan and start nothing', '只展示方案，不发起'],
  supersede: ['end another operation that runs for the same push', '结束同一推送上正在进行的其他操作'],
  again: ['also where the same recall has just ended', '同一回撤刚结束时仍再做一次'],
  'break-glass': [
    'run at once without approval; needs --ticket, raises an alarm, is reviewed',
    '紧急放行：不经复核立即执行；须有 --ticket，会告警并须事后复查',
  ],
  wait: ['follow the recall to its end', '跟踪到结束'],
  yes: ['agree without being asked', '不询问，直接确认'],
  'force-collapse': [
    'devices that cannot overlay: show the new message beside the old',
    '不支持覆盖的设备：将新消息与旧消息并列展示',
  ],
  check: ['call the vendors harmlessly first', '先对厂商做一次无副作用的调用'],
} as const satisfies { readonly [name: string]: Words }
