// Sends a verdict as a moderation system would, signed with the demo secret of its endpoint.
import { button, field, make, panelHead, segments, select, send, shellLine, textInput } from './dom.js'
import { t } from './texts.js'

const verdicts = ['block', 'review', 'pass']
const answerAtMost = 200

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
  document
    .getElementById('verdict')
    .replaceChildren(
      panelHead('verdict-title', t().verdictTitle, t().verdictLead),
      ...(known === null ? [] : [form()]),
      ...(delivered === null ? [] : [answer()]),
    )
}

function form() {
  const choices = known.sources.map(({ source: name, tier }) => [name, `${name} · ${t().tiers[tier]}`])
  const content = textInput(typed ?? known.content ?? '', text => (typed = text))
  const picker = segments(
    verdicts.map(name => [name, t().verdicts[name]]),
    verdict,
    name => {
      verdict = name
      drawVerdict()
    },
  )
  const again = known.campaigns ? [button(t().campaignsAgain, () => void sendAgain())] : []
  const go = button(t().verdictNow, () => void deliver(content.value), 'button primary')
  return make(
    'div',
    'form',
    field(
      t().verdictSource,
      select(choices, source, name => (source = name)),
    ),
    field(t().verdictContent, content),
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
  const said = make('p', '', t().answered(delivered.status), ' ')
  said.append(make('code', '', delivered.answer.slice(0, answerAtMost)))
  said.setAttribute('role', 'status')
  return make('div', 'answer', said, make('p', 'soft', t().verdictHint), shellLine(delivered.curl, t()))
}
