// The calls that the vendors received, newest first.
import { make, panelHead, timeOf } from './dom.js'
import { count, t, words } from './texts.js'
import { vendorNamed } from './vendors.js'

const shownCalls = 40

export function drawCalls(calls) {
  const rows = calls.slice(0, shownCalls).map(call => make('li', '', ...callParts(call)))
  const list = make('ol', 'call-list', ...(rows.length > 0 ? rows : [make('li', 'soft', t().noCalls)]))
  list.tabIndex = 0
  list.setAttribute('aria-labelledby', 'calls-title')
  const host = document.getElementById('calls')
  const before = host.querySelector('.call-list')?.scrollTop ?? 0
  host.replaceChildren(panelHead('calls-title', t().calls, t().callsHint), list)
  list.scrollTop = before
}

function callParts({ at, vendor, method, path, tokens, httpStatus, code, said, fault, durationMs }) {
  const status = code === String(httpStatus) ? `HTTP ${code}` : `${httpStatus ?? t().nothingSent} · ${code}`
  const what = make('span', 'what', make('b', '', method), ` ${path}`)
  what.title = path
  return [
    make('time', '', timeOf(at, true)),
    make('span', 'vendor-name', words(vendorNamed(vendor).title)),
    make(
      'span',
      `code ${fault === null ? said : 'fault'}`,
      fault !== null && fault !== code ? `${status} · ${fault}` : status,
    ),
    what,
    make(
      'span',
      'took',
      [tokens === null ? '' : t().tokens(count(tokens)), `${durationMs} ms`].filter(Boolean).join(' · '),
    ),
  ]
}
