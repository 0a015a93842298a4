// Sends a verdict as a moderation system would, signed with the demo secret of its endpoint.
import { button, make, send } from './dom.js'
import { t } from './texts.js'

const verdicts = ['block', 'review', 'pass']
const copiedMs = 1600

/** What the sandbox has: sources, and the content id of the demo campaigns. */
let known = null
let source = 'standard-webhooks'
let verdict = 'block'
/** What the reader has typed; null: the content of the demo campaigns. */
let typed = null
let delivered = null
let problem = ''

export async function loadVerdict() {
  const reply = await fetch('/_sandbox/verdict')
  known = await reply.json()
  drawVerdict()
}

export function drawVerdict() {
  if (known === null) return
  document.getElementById('verdict').replaceChildren(form(), ...(delivered === null ? [] : [answer()]))
}

function form() {
  const select = make('select')
  for (const { source: name, tier } of known.sources) {
    const option = make('option', '', `${name} · ${t().tiers[tier]}`)
    option.value = name
    option.selected = name === source
    select.append(option)
  }
  select.addEventListener('change', () => (source = select.value))
  const input = make('input')
  input.type = 'text'
  input.maxLength = 200
  input.value = typed ?? known.content ?? ''
  input.addEventListener('input', () => (typed = input.value))
  const picker = make(
    'div',
    'segments',
    ...verdicts.map(name => {
      const option = button(t().verdicts[name], () => {
        verdict = name
        drawVerdict()
      })
      option.setAttribute('aria-pressed', String(name === verdict))
      return option
    }),
  )
  const again = known.campaigns ? [button(t().campaignsAgain, () => void sendAgain(), 'quiet')] : []
  const go = button(t().verdictNow, () => void deliver(input.value), 'primary')
  return make(
    'div',
    'form',
    make('label', 'field', make('span', '', t().verdictSource), select),
    make('label', 'field', make('span', '', t().verdictContent), input),
    picker,
    make('div', 'go', ...again, make('span', 'problem', problem), go),
  )
}

async function deliver(content) {
  await trying(async () => {
    delivered = await send('POST', '/_sandbox/verdict', { source, content, verdict })
  })
}

/** Fresh campaigns, and their content id in the form. */
async function sendAgain() {
  await trying(async () => {
    const { content } = await send('POST', '/_sandbox/campaigns', {})
    known = { ...known, content }
    typed = null
    delivered = null
  })
}

async function trying(work) {
  problem = ''
  try {
    await work()
  } catch (error) {
    problem = error.message
  }
  drawVerdict()
}

function answer() {
  const code = make('code', '', delivered.curl)
  const copy = button(t().copy, async () => {
    await navigator.clipboard.writeText(code.textContent)
    copy.textContent = t().copied
    setTimeout(() => (copy.textContent = t().copy), copiedMs)
  })
  const said = make('p', '', t().answered(delivered.status), ' ', make('code', '', delivered.answer.slice(0, 200)))
  said.setAttribute('role', 'status')
  return make('div', 'answer', said, make('div', 'row', make('span', '', t().verdictHint), copy), make('pre', '', code))
}
