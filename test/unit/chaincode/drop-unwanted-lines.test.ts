import { Shim } from 'fabric-shim';
import { dropUnwantedLines } from '../../../chaincode/src/drop-unwanted-lines';

/** What the logger puts together, whether or not it is printed. */
function madeBy(logger: ReturnType<typeof Shim.newLogger>): string[] {
  const made: string[] = [];
  jest.spyOn(logger.format, 'transform').mockImplementation((info) => {
    made.push(`${info.level}: ${String(info.message)}`);
    return false;
  });
  return made;
}

describe('the lines of the shim', () => {
  it('are not put together where nobody asked for them, whoever logs and however', () => {
    dropUnwantedLines(Shim.newLogger('shim'));
    const early = Shim.newLogger('lib/handler.js');
    const made = madeBy(early);
    early.level = 'error';
    early.debug('a message has come');
    early.info('%s succeeded', 'a transaction', { more: 'of it' });
    early.log('debug', 'a message has gone');
    expect(made).toEqual([]);
    early.error('the stream with the peer broke');
    early.log({ level: 'error', message: 'and once more' });
    expect(made).toEqual(['error: the stream with the peer broke', 'error: and once more']);
  });

  it('come again as soon as their level is asked for', () => {
    dropUnwantedLines(Shim.newLogger('shim'));
    const logger = Shim.newLogger('another of the shim');
    const made = madeBy(logger);
    logger.level = 'info';
    logger.debug('not yet');
    logger.level = 'debug';
    logger.debug('now');
    expect(made).toEqual(['debug: now']);
  });
});
