import { Registry } from '@eko/node-kit';
import { newPartyObserver } from '../../../network/party/src/adapters/party-metrics';
import { RecordingLogger } from '../../support/node-kit/recording-logger';

describe('what a party measures', () => {
  it('counts data against the permissions by its way, and says of which stream', async () => {
    const registry = new Registry();
    const logger = new RecordingLogger();
    const observer = newPartyObserver(registry, logger);
    for (const direction of ['incoming', 'incoming', 'outgoing'] as const)
      observer.onDirectionRefused('bundle/0', direction);
    const metrics = await registry.metrics();
    expect(metrics).toContain('eko_refused_directions_total{direction="incoming"} 2');
    expect(metrics).toContain('eko_refused_directions_total{direction="outgoing"} 1');
    expect(logger.lines[0]).toEqual({
      level: 'warn',
      event: 'data went a way that is not granted',
      fields: { streamId: 'bundle/0', reason: 'incoming' },
    });
  });
});
