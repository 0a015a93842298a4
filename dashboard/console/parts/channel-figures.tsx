/** What a vendor that counts no devices for a recall counts by channel. */
import type { RecallTarget } from '../answers.ts'
import { clockTime } from '../clock.ts'
import { w } from '../language.ts'
import { channelName } from '../names.ts'
import { exact } from '../numbers.ts'
import { Icon } from './icon.tsx'

export function ChannelFigures({
  provider,
  channels = [],
}: {
  readonly provider: string
  readonly channels?: RecallTarget['channels']
}) {
  const [first] = channels
  if (first === undefined) return null
  const shown = (count: number | null) => (count === null ? '–' : exact(count))
  return (
    <details class="fold-list">
      <summary>
        {w('byChannel', { time: clockTime(Date.parse(first.asOf), { seconds: false }) })} <Icon name="down" />
      </summary>
      <ul>
        {channels.map(({ channel, planned, sent, arrived, clicked, cleared }) => (
          <li key={channel}>
            {channelName(provider, channel)}{' '}
            <span class="soft">
              {w('channelFigures', {
                planned: shown(planned),
                sent: shown(sent),
                arrived: shown(arrived),
                clicked: shown(clicked),
                cleared: shown(cleared),
              })}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
