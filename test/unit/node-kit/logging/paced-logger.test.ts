import { pacedLogger } from '../../../../network/node-kit/src/logging/paced-logger';
import { RecordingLogger } from '../../../support/simulated/recording-logger';

describe('a paced logger', () => {
  it('bounds each event by itself, and says how many lines it left out', () => {
    const lines = new RecordingLogger();
    let nowMs = 0;
    const logger = pacedLogger(lines, () => nowMs);
    for (let n = 0; n < 1_000; n += 1) logger.warn('refused', { host: `10.0.0.${n % 200}` });
    logger.error('something else');
    expect(lines.lines.filter(({ event }) => event === 'refused')).toHaveLength(50);
    expect(lines.lines.at(-1)).toEqual({ level: 'error', event: 'something else', fields: {} });
    nowMs += 500;
    logger.warn('refused', { host: '10.0.0.7' });
    expect(lines.lines.at(-1)).toEqual({
      level: 'warn',
      event: 'refused',
      fields: { host: '10.0.0.7', leftOut: 950 },
    });
    logger.warn('refused');
    nowMs += 500;
    logger.warn('refused');
    expect(lines.lines.at(-1)?.fields).toEqual({ leftOut: 1 });
  });
});
