import { join } from 'node:path';
import { openLevelStore } from '@eko/node-kit';
import { EkoError } from '@eko/protocol';
import { EVENTS, TRANSACTIONS, type LedgerEvent, type LedgerPosition } from '@eko/protocol/ledger';
import { EkoClient, type Ledger } from '@eko/sdk';
import { EventHistory } from '../../../network/party/src/service/event-history';
import { PartyStore } from '../../../network/party/src/service/party-store';
import { temporaryFolders } from '../../support/temporary-folder';
import { startParty, type StartedParty } from '../../support/in-process/register-node';

jest.setTimeout(60_000);
const newFolder = temporaryFolders();

describe('a party that starts again on the ledger', () => {
  let party: StartedParty;
  let directory: string;
  let began: (LedgerPosition | undefined)[];
  let given: LedgerEvent[];
  beforeEach(async () => {
    party = await startParty();
    directory = join(newFolder(), 'store');
    began = [];
  });
  afterEach(async () => {
    party.ledger.close();
    await party.eko.stop();
  });

  /** The party's ledger, which notes where subscriptions begin. */
  const observed = (): Ledger => {
    const { ledger } = party;
    return {
      channel: ledger.channel,
      chaincode: ledger.chaincode,
      submit: (...call) => ledger.submit(...call),
      evaluate: (...call) => ledger.evaluate(...call),
      events: (options) => {
        began.push(options.after);
        return ledger.events(options);
      },
      close: () => undefined,
    };
  };

  /** Runs the party until `work` is done, as its process does. */
  const run = async <T>(work: (client: EkoClient) => Promise<T>): Promise<T> => {
    given = [];
    const store = await openLevelStore(directory);
    try {
      await using client = await EkoClient.connect({
        ledger: observed(),
        keys: party.keys,
        peers: { call: () => Promise.reject(new EkoError('PEER_UNAVAILABLE', 'nobody is there')) },
        store: new PartyStore(store, new EventHistory()),
        observer: { onEvent: (event) => given.push(event) },
      });
      return await work(client);
    } finally {
      await store.close();
    }
  };

  it('asks the peer for the blocks after its checkpoint alone', async () => {
    const seen = await run((client) => Promise.resolve(client.ledgerView.height));
    expect(given.map(({ name }) => name)).toContain(EVENTS.nodeRegistered);
    const [last] = given.slice(-1);
    const { blockNumber, txId } = await party.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'party-1' });
    const nodes = await run((client) => Promise.resolve(client.nodes.all()));
    expect(began).toEqual([
      undefined,
      expect.objectContaining({ blockNumber: last?.blockNumber, txId: last?.txId }),
    ]);
    expect(last?.blockNumber).toBe(seen);
    expect(given[0]).toMatchObject({ blockNumber, txId });
    expect(given).toHaveLength(2);
    expect(nodes.map(({ nodeId }) => nodeId)).toEqual(['party-1']);
  });
});
