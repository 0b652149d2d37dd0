import { EkoError, LIMITS, type RequestStreams, type StreamRequest } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { INITIATOR, PROVIDER } from '../../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../../support/simulated/client-harness';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read'] };

/** A harness whose ledger has these slots taken, one of which is freed when they are asked for. */
function worldWithTaken(taken: readonly number[], stillTaken: readonly number[] = taken) {
  const harness = new ClientHarness();
  const asked: (number | undefined)[] = [];
  const { ledger } = harness;
  ledger
    .handle(TRANSACTIONS.readOpenSlots, () => ({ result: { taken: [...stillTaken] } }))
    .handle(TRANSACTIONS.requestStreams, (argument: RequestStreams) => {
      asked.push(argument.slot);
      if (argument.slot === undefined || (asked.length === 1 && taken.includes(argument.slot)))
        throw new EkoError('NO_SLOT', 'taken');
      throw new EkoError('POLICY_UNSATISFIABLE', 'far enough');
    });
  return { harness, asked };
}

const everySlot = Array.from({ length: LIMITS.openSlots }, (_, slot) => slot);

describe('a client that requests what no offer covers', () => {
  it('waits in a free slot, and in another one where somebody took that first', async () => {
    const { harness, asked } = worldWithTaken(
      everySlot,
      everySlot.filter((slot) => slot !== 17),
    );
    await using client = await harness.connect(INITIATOR);
    const requested = client.requestStream(harness.policy, REQUEST);
    await expect(requested).rejects.toMatchObject({ code: 'POLICY_UNSATISFIABLE' });
    expect(asked).toEqual([expect.any(Number), 17]);
  });

  it('is told where as many as may wait for this provider', async () => {
    const { harness, asked } = worldWithTaken(everySlot);
    await using client = await harness.connect(INITIATOR);
    const requested = client.requestStream(harness.policy, REQUEST);
    await expect(requested).rejects.toMatchObject({
      code: 'NO_SLOT',
      details: { provider: PROVIDER, limit: LIMITS.openSlots },
    });
    expect(asked).toHaveLength(1);
  });
});
