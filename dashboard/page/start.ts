import { linkTo } from '../../shared/base-path.ts'
import { type Html, html } from './html.ts'
import { type PageOptions, pathIn } from './shell.ts'

/** What Unpush is, and where to go from here: below the field for the key, and for whoever has no script. */
export function renderStart(options: PageOptions): Html {
  const say = (english: string, chinese: string) => (options.language === 'zh' ? chinese : english)
  const old = notice('', say('Flash sale tonight', '今晚限时优惠'), say('Half price from 8 pm', '八点起，全场五折'))
  const kind = (picture: Html, title: string, text: string) =>
    html`<article><div class="stage" aria-hidden="true">${picture}</div><h3>${title}</h3><p>${text}</p></article>`
  const link = (href: string, title: string, text: string) =>
    html`<a href="${href}"><b>${title}</b><span>${text}</span></a>`
  return html`<section class="start">
<h2 class="start-title">${say('Take back a push that should not have gone out.', '把不该发出的推送，收回来。')}</h2>
<p class="lead">${say(
    'One request stops, revokes or overlays a notification at every vendor it went through, and the answer says honestly what the vendor accepted.',
    '一个请求，在各家厂商终止、撤回或覆盖已发出的通知，并如实说明厂商受理了什么。',
  )}</p>
<section class="trio">
${kind(
  notice('queued', say('Flash sale tonight', '今晚限时优惠'), say('not delivered yet', '尚未送达')),
  say('Stop', '终止'),
  say(
    'Ends delivery of what has not reached a device yet; a scheduled push is cancelled.',
    '停止下发尚未到达设备的推送；定时推送则取消。',
  ),
)}
${kind(
  { html: old.html.replace('class="notice', 'class="notice gone') },
  say('Revoke', '撤回'),
  say(
    'Stops, and makes shown-but-untouched notifications disappear where the vendor can do that.',
    '停止下发，并在厂商支持之处让已展示但未被点击的通知消失。',
  ),
)}
${kind(
  html`<div class="swap">${old}${notice('new', say('Correction: tomorrow', '更正：明晚开始'), say('We are sorry', '抱歉，请以此为准'))}</div>`,
  say('Overlay', '覆盖'),
  say('Stops, and replaces the shown notification by a new one.', '停止下发，并用新通知替换已展示的通知。'),
)}
</section>
<section class="links">
${options.local ? link('/_sandbox', say('Sandbox phones', '沙箱手机'), say('Watch live what a recall reaches', '实时观看一次回撤触达了哪些手机')) : null}
${link(pathIn('/docs', options.language), say('API reference', '接口文档'), say('Every operation, member and answer', '全部接口、参数与返回'))}
${link(linkTo('/openapi.json'), 'OpenAPI', say('The same for machines', '供程序读取的接口描述'))}
${link(linkTo('/readyz'), say('Readiness', '就绪检查'), say('Ledger, secrets and timers', '账本、密钥与定时器'))}
</section>
<p class="honest">${say(
    '“Accepted by the vendor” is not “gone from the screen”: no vendor confirms that, and nothing here claims it.',
    '“厂商已受理”不等于“已从屏幕上消失”：没有任何厂商会确认后者，这里也绝不如此声称。',
  )}</p>
</section>`
}

function notice(kind: string, title: string, text: string): Html {
  return html`<div class="notice ${kind}"><i></i><span><b>${title}</b><small>${text}</small></span></div>`
}
