// The sandbox page: draws what /_sandbox/events says. Notification text is hostile input and only ever becomes text.
'use strict'

const texts = {
  en: {
    title: 'Sandbox phones',
    lead: 'Simulated phones behind stand-ins of the vendors. Paste the curl line that npm start printed and watch what a recall reaches, and what it does not.',
    api: 'API reference',
    sandboxApi: 'Sandbox API',
    connecting: 'connecting …',
    live: 'live',
    lost: 'connection lost, trying again …',
    switches: 'Make the vendors lie',
    switchesHint: 'Everything off: they do what their documents say.',
    calls: 'Calls to the vendors',
    none: 'nothing',
    queued: 'queued, phone offline',
    shown: 'shown',
    removed: 'gone',
    replaced: 'replaced',
    clicked: 'clicked',
    cleared: 'swiped away',
    phonesOf: (n, off) => `${n} phones, ${off} offline`,
    empty: 'no notifications',
    online: 'go online',
    offline: 'go offline',
    kill: 'kill the app',
    launch: 'open the app',
    click: 'tap',
    clear: 'swipe',
    waiting: n => `${n} waiting`,
    tokens: n => `${n} tokens`,
    yes: 'on',
    no: 'off',
    noFailure: 'none',
    groups: {
      tpns: 'TPNS channel',
      xiaomi: 'Xiaomi',
      meizu: 'Meizu',
      huawei: 'Huawei, EMUI 10 and newer',
      'huawei-emui9': 'Huawei below EMUI 10',
      oppo: 'OPPO',
      vivo: 'vivo',
      apns: 'iPhone (APNs)',
      phone: 'Phone',
      tablet: 'Tablet',
      pc: 'PC / 2in1',
      'watch-5.1.0': 'Watch 5.1.0(18)',
      'watch-5.0.5': 'Watch 5.0.5, too old',
      'tv-5.1.1': 'TV 5.1.1(19)',
      'tv-5.1.0': 'TV 5.1.0, too old',
    },
    names: {
      latencyMs: 'latency, ms',
      failure: 'fails with',
      share: 'share of calls',
      calls: 'calls left to fail',
      retryAfter: 'Retry-After, s',
      acceptedButNothing: 'says yes, does nothing',
      revokeRetired: 'revoke taken offline',
      pushIdField: 'reads only',
      queriesUsedUp: 'queries used up',
      rejectTokens: 'tokens called illegal',
      tokensPerSecond: 'tokens per second',
      everythingHttp200: 'every answer HTTP 200',
      numericCodes: 'codes as numbers',
    },
  },
  zh: {
    title: '沙箱手机',
    lead: '这里是模拟手机和厂商替身。粘贴 npm start 打印的 curl 命令，看看一次回撤能触达哪些手机、触达不了哪些。',
    api: 'API 文档',
    sandboxApi: '沙箱 API',
    connecting: '连接中…',
    live: '实时',
    lost: '连接已断开，正在重连…',
    switches: '让厂商“说谎”',
    switchesHint: '全部关闭时，行为与厂商文档一致。',
    calls: '对厂商的调用',
    none: '无通知',
    queued: '离线排队',
    shown: '展示中',
    removed: '已消失',
    replaced: '已被覆盖',
    clicked: '已点击',
    cleared: '已划掉',
    phonesOf: (n, off) => `共 ${n} 台，离线 ${off} 台`,
    empty: '没有通知',
    online: '上线',
    offline: '离线',
    kill: '杀掉 App',
    launch: '打开 App',
    click: '点击',
    clear: '划掉',
    waiting: n => `${n} 条待送达`,
    tokens: n => `${n} 个 token`,
    yes: '开',
    no: '关',
    noFailure: '无',
    groups: {
      tpns: 'TPNS 自有通道',
      xiaomi: '小米',
      meizu: '魅族',
      huawei: '华为 EMUI 10 及以上',
      'huawei-emui9': '华为 EMUI 10 以下',
      oppo: 'OPPO',
      vivo: 'vivo',
      apns: 'iPhone（APNs）',
      phone: '手机',
      tablet: '平板',
      pc: 'PC / 二合一',
      'watch-5.1.0': '手表 5.1.0(18)',
      'watch-5.0.5': '手表 5.0.5（版本过低）',
      'tv-5.1.1': '智慧屏 5.1.1(19)',
      'tv-5.1.0': '智慧屏 5.1.0（版本过低）',
    },
    names: {
      latencyMs: '延迟（毫秒）',
      failure: '故障类型',
      share: '故障比例',
      calls: '剩余故障次数',
      retryAfter: 'Retry-After（秒）',
      acceptedButNothing: '答应却不执行',
      revokeRetired: '撤回接口已下线',
      pushIdField: '只认字段',
      queriesUsedUp: '查询额度用完',
      rejectTokens: '判为非法的 token 数',
      tokensPerSecond: '每秒 token 上限',
      everythingHttp200: '一律返回 HTTP 200',
      numericCodes: '返回码为数字',
    },
  },
}
const marks = { '.': 'none', q: 'queued', s: 'shown', r: 'removed', p: 'replaced', c: 'clicked', x: 'clicked' }
const choices = {
  failure: [null, 'http429', 'http503', 'reset', 'html', 'empty', 'truncated', 'timeout', 'unknownCode'],
  pushIdField: ['either', 'pushId', 'pushid'],
}
const dotted = 160

let language = (navigator.language || 'en').toLowerCase().startsWith('zh') ? 'zh' : 'en'
let state = null
const known = new Map()

const t = () => texts[language]
const make = (tag, className, text) => {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`) || '#999'

function drawTexts() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  document.getElementById('language').textContent = language === 'zh' ? 'English' : '中文'
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t()[element.dataset.text]
  const legend = document.getElementById('legend')
  legend.replaceChildren(
    ...['shown', 'queued', 'removed', 'replaced', 'clicked', 'none'].map(name => {
      const item = make('li')
      item.append(swatch(name), t()[name])
      return item
    }),
  )
}

function swatch(name) {
  const dot = make('i')
  dot.style.background = `var(--${name})`
  return dot
}

function draw() {
  for (const group of state.groups) drawGroup(group)
  drawSwitches()
  const calls = document.getElementById('calls')
  calls.replaceChildren(
    ...state.calls.map(call => {
      const item = make('li')
      const yes = ['0', '80000000'].includes(call.code)
      item.append(
        make('span', '', call.at.slice(11, 19)),
        make('span', 'path', call.path + (call.tokens ? ` · ${t().tokens(call.tokens)}` : '')),
        make('span', yes ? 'code yes' : 'code', call.code),
      )
      return item
    }),
  )
}

function drawGroup(group) {
  const parent = document.querySelector(`#${group.app} .groups`)
  let card = parent.querySelector(`[data-group="${CSS.escape(group.name)}"]`)
  if (!card) {
    card = make('article', 'group')
    card.dataset.group = group.name
    card.append(make('h3'), make('div', 'counts'), make('canvas'), make('div', 'phones'))
    parent.append(card)
  }
  const [title, counts, canvas, phones] = card.children
  title.replaceChildren(
    t().groups[group.name] || group.name,
    make('small', '', t().phonesOf(group.total, group.offline)),
  )
  counts.replaceChildren(
    ...Object.entries(group.counts).map(([name, count]) => {
      const item = make('span')
      item.dataset.mark = name
      item.append(swatch(name === 'cleared' ? 'clicked' : name), make('b', '', String(count)), ` ${t()[name]}`)
      return item
    }),
  )
  drawDots(canvas, group.marks)
  phones.replaceChildren(...group.phones.map(phone => drawPhone(phone)))
}

/** Every phone of the group is a dot, coloured by what became of the notification. */
function drawDots(canvas, letters) {
  const columns = letters.length > dotted ? 76 : 30
  const rows = Math.ceil(letters.length / columns)
  const size = letters.length > dotted ? 8 : 16
  canvas.width = columns * size
  canvas.height = rows * size
  const context = canvas.getContext('2d')
  context.clearRect(0, 0, canvas.width, canvas.height)
  const fills = Object.fromEntries(Object.entries(marks).map(([letter, name]) => [letter, colour(name)]))
  for (let i = 0; i < letters.length; i++) {
    context.fillStyle = fills[letters[i]]
    context.fillRect((i % columns) * size + 1, Math.floor(i / columns) * size + 1, size - 2, size - 2)
  }
}

function drawPhone(phone) {
  const box = make('div', phone.online ? 'phone' : 'phone off')
  box.dataset.phone = phone.id
  const head = make('header')
  head.append(make('span', '', phone.id))
  if (phone.badge > 0) head.append(make('span', 'badge', String(phone.badge)))
  box.append(head)
  const before = known.get(phone.id) || []
  const shown = phone.notices.filter(notice => notice.state !== 'cleared')
  for (const notice of shown) {
    const replaced = phone.mark === 'replaced' && notice === shown[0]
    const item = drawNotice(phone, notice, replaced ? 'replaced' : '')
    if (before.some(old => old.key === notice.key && old.state === notice.state)) item.style.animation = 'none'
    box.append(item)
  }
  for (const old of before) {
    if (old.state !== 'shown' || phone.notices.some(notice => notice.key === old.key) || phone.mark !== 'removed')
      continue
    const leaving = drawNotice(phone, old, 'leaving')
    leaving.addEventListener('animationend', () => leaving.remove())
    box.append(leaving)
  }
  known.set(phone.id, phone.notices)
  if (shown.length === 0) box.append(make('div', 'empty', t().empty))
  const foot = make('footer')
  foot.append(button(phone.online ? t().offline : t().online, () => change(phone.id, { online: !phone.online })))
  if (phone.channel === 'apns')
    foot.append(button(phone.alive ? t().kill : t().launch, () => change(phone.id, { alive: !phone.alive })))
  if (phone.queued > 0) foot.append(t().waiting(phone.queued))
  box.append(foot)
  return box
}

function drawNotice(phone, notice, extra) {
  const item = make('div', `notice ${notice.state} ${extra}`)
  item.append(make('b', '', notice.title), make('span', '', notice.body))
  if (notice.state === 'shown' && extra !== 'leaving') {
    const actions = make('div')
    actions.append(
      button(t().click, () => change(phone.id, { click: notice.key })),
      button(t().clear, () => change(phone.id, { clear: notice.key })),
    )
    item.append(actions)
  }
  return item
}

function button(text, act) {
  const element = make('button', '', text)
  element.type = 'button'
  element.addEventListener('click', act)
  return element
}

function drawSwitches() {
  const host = document.getElementById('switches')
  if (host.contains(document.activeElement)) return
  host.replaceChildren(
    ...Object.entries(state.switches).map(([vendor, switches]) => {
      const set = make('fieldset')
      set.append(make('legend', '', vendor === 'tpns' ? 'Tencent TPNS' : 'Huawei Push Kit'))
      for (const [name, value] of Object.entries(switches)) {
        const label = make('label', '', t().names[name] || name)
        const input = control(name, value)
        input.dataset.switch = `${vendor}.${name}`
        input.addEventListener('change', () =>
          send('PATCH', '/_sandbox/switches', { [vendor]: { [name]: read(name, value, input) } }).then(() =>
            input.blur(),
          ),
        )
        label.append(input)
        set.append(label)
      }
      return set
    }),
  )
}

function control(name, value) {
  if (choices[name]) {
    const select = make('select')
    for (const choice of choices[name]) {
      const option = make('option', '', choice === null ? t().noFailure : choice)
      option.value = choice === null ? '' : choice
      option.selected = choice === value
      select.append(option)
    }
    return select
  }
  const input = make('input')
  if (typeof value === 'boolean') {
    input.type = 'checkbox'
    input.checked = value
  } else {
    input.type = 'number'
    input.min = '0'
    input.step = name === 'share' ? '0.1' : '1'
    input.value = value === null ? '' : String(value)
  }
  return input
}

function read(name, value, input) {
  if (choices[name]) return input.value === '' ? null : input.value
  if (typeof value === 'boolean') return input.checked
  return input.value === '' ? null : Number(input.value)
}

const change = (id, body) => send('POST', `/_sandbox/phones/${encodeURIComponent(id)}`, body)
const send = (method, path, body) =>
  fetch(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

document.getElementById('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh'
  drawTexts()
  if (state) draw()
})
drawTexts()
const events = new EventSource('/_sandbox/events')
const live = document.getElementById('live')
events.addEventListener('message', event => {
  live.className = 'live on'
  live.textContent = t().live
  live.dataset.text = 'live'
  state = JSON.parse(event.data)
  draw()
})
events.addEventListener('error', () => {
  live.className = 'live'
  live.textContent = t().lost
  live.dataset.text = 'lost'
})
