import { isDone } from '../../../../network/local/src/fabric/control-network';
import { codedError } from '../../../support/coded-error';

describe('processes that a person pauses or resumes', () => {
  it('are not said to be paused or to go on when they have ended instead', () => {
    expect(isDone('peer0.org1', 'kill', undefined)).toBe(true);
    for (const act of ['pause', 'resume'] as const)
      expect(codedError(() => isDone('peer0.org1', act, undefined)).code).toBe('BAD_STATE');
    const running = { pid: 1, label: 'peer0.org1', isPaused: false };
    expect([isDone('', 'pause', running), isDone('', 'resume', running)]).toEqual([false, true]);
  });
});
