import { status } from '@grpc/grpc-js';
import type { Contract } from '@hyperledger/fabric-gateway';
import { issueIdentity } from '@eko/msp';
import { CHAINCODE, connectClient } from '../support/in-process/gateway-client';
import { gateway, peer } from '@hyperledger/fabric-protos';
import { ask, commit, endorse, ownPrefix, propose } from './probe';
import type { Suite } from './suite-context';
import { gatewayError } from '../../client-sdk/sdk/src/ledger/gateway-errors';

const { ENDORSEMENT_POLICY_FAILURE, INVALID_ENDORSER_TRANSACTION } = peer.TxValidationCode;
const REFUSED = 'chaincode response 500, BAD_STATE: not now';

/** What endorsing peers refuse, and how that comes back to whoever asked. */
export function describeEndorsements(suite: Suite): void {
  describe('endorsements', () => {
    const failure = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );

    it('bring a contract’s refusal back from a query, in the message', async () => {
      const error = await failure(ask(suite().client, ['fail', 'BAD_STATE: not now']));
      expect(error).toMatchObject({ name: 'GatewayError', code: status.UNKNOWN });
      expect(error).toMatchObject({ message: expect.stringContaining(REFUSED) as string });
      expect(gatewayError(error, 'evaluate')).toMatchObject({ code: 'BAD_STATE', message: 'not now' });
    });

    it('bring a contract’s refusal back from an endorsement, in the details', async () => {
      const { client, ledger } = suite();
      const error = await failure(endorse(client, ['fail', 'BAD_STATE: not now']));
      expect(error).toMatchObject({
        name: 'EndorseError',
        code: status.ABORTED,
        details: [{ address: ledger.address, mspId: 'Org1MSP', message: REFUSED }],
      });
      expect(gatewayError(error, 'endorse')).toMatchObject({
        code: 'BAD_STATE',
        message: 'not now',
        details: { peers: [`Org1MSP ${ledger.address}`] },
      });
    });

    it('bring a refusal back from every organisation that was asked by name', async () => {
      const { client } = suite();
      const endorsingOrganizations = ['Org1MSP', 'Org2MSP'];
      const proposal = propose(client, [['fail', 'BAD_STATE: not now']], { endorsingOrganizations });
      const error = await failure(proposal.endorse());
      expect(error).toMatchObject({
        name: 'EndorseError',
        code: status.ABORTED,
        message: expect.stringContaining('failed to collect enough transaction endorsements') as string,
      });
      const { details } = error as { details: { mspId: string; message: string }[] };
      expect(details.map(({ mspId }) => mspId).sort()).toEqual(endorsingOrganizations);
      expect(new Set(details.map(({ message }) => message))).toEqual(new Set([REFUSED]));
    });

    it('leave a text as it is: long, of several lines and in any script', async () => {
      const { client } = suite();
      const text = `INVALID_ARGUMENT: ${'é☃\u{1f600}'.repeat(300)}\nsecond line: {"a": 1}, chaincode response 500, X`;
      const message = text.slice('INVALID_ARGUMENT: '.length);
      const fromQuery = await failure(ask(client, ['fail', text]));
      expect(gatewayError(fromQuery, 'evaluate')).toMatchObject({ code: 'INVALID_ARGUMENT', message });
      const fromEndorsement = await failure(endorse(client, ['fail', text]));
      expect(gatewayError(fromEndorsement, 'endorse')).toMatchObject({ code: 'INVALID_ARGUMENT', message });
    });

    it('are refused where peers come to different results', async () => {
      const error = await failure(propose(suite().client, [['differ', ownPrefix()]]).endorse());
      expect(error).toMatchObject({
        name: 'EndorseError',
        code: status.ABORTED,
        details: [{ mspId: 'Org2MSP', message: 'ProposalResponsePayloads do not match' }],
      });
      expect(gatewayError(error, 'endorse')).toMatchObject({ code: 'LEDGER_CONFLICT' });
    });

    it('are worth nothing where too few organisations gave theirs', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const proposal = propose(client, [['put', key, 'v']], { endorsingOrganizations: ['Org1MSP'] });
      expect(await commit(await proposal.endorse())).toBe(ENDORSEMENT_POLICY_FAILURE);
      expect(await ask(client, ['get', key])).toEqual([null]);
    });

    it.each([
      ['what was asked', 0, INVALID_ENDORSER_TRANSACTION],
      ['the result', 1, ENDORSEMENT_POLICY_FAILURE],
    ])('are worth nothing where %s was changed after them', async (_what, place, code) => {
      const { client } = suite();
      const key = ownPrefix();
      const prepared = gateway.PreparedTransaction.deserializeBinary(
        (await endorse(client, ['put', key, 'honest'])).getBytes(),
      );
      const envelope = prepared.getEnvelope()!;
      const parts = Buffer.from(envelope.getPayload_asU8()).toString('latin1').split('honest');
      expect(parts).toHaveLength(3);
      const [before, between, after] = parts;
      const [asked, result] = place === 0 ? ['forged', 'honest'] : ['honest', 'forged'];
      envelope.setPayload(Buffer.from([before, asked, between, result, after].join(''), 'latin1'));
      expect(await commit(client.gateway.newTransaction(prepared.serializeBinary()))).toBe(code);
      expect(await ask(client, ['get', key])).toEqual([null]);
    });

    it('are given by the gateway’s own organisation first, whoever asks', async () => {
      const { ledger } = suite();
      const bob = connectClient(ledger, await issueIdentity(ledger.organisations[1], { name: 'bob' }));
      const error = await failure(endorse(bob, ['fail', 'BAD_STATE: not now']));
      bob.close();
      expect(error).toMatchObject({ details: [{ mspId: 'Org1MSP', message: REFUSED }] });
    });

    it('are not to be had of an organisation without a peer', async () => {
      const proposal = propose(suite().client, [], { endorsingOrganizations: ['Org9MSP'] });
      expect(await failure(proposal.endorse())).toMatchObject({
        code: status.UNAVAILABLE,
        message: expect.stringContaining('failed to find any endorsing peers for org(s): Org9MSP') as string,
      });
    });

    it('are not for a chaincode or a channel that is not there', async () => {
      const { client } = suite();
      const another = client.network.getContract('another');
      const elsewhere = client.gateway.getNetwork('elsewhere').getContract(CHAINCODE);
      const evaluated = (contract: Contract) => failure(contract.newProposal('probe:Run').evaluate());
      const endorsed = (contract: Contract) => failure(contract.newProposal('probe:Run').endorse());
      expect(await evaluated(another)).toMatchObject({ code: status.FAILED_PRECONDITION });
      expect(await evaluated(elsewhere)).toMatchObject({ code: status.UNAVAILABLE });
      expect(await endorsed(another)).toMatchObject({ code: status.FAILED_PRECONDITION });
      expect(await endorsed(elsewhere)).toMatchObject({ code: status.FAILED_PRECONDITION });
      expect(gatewayError(await evaluated(elsewhere), 'evaluate')).toMatchObject({
        code: 'INVALID_CONFIG',
        details: { missing: 'channel' },
      });
      expect(gatewayError(await endorsed(another), 'endorse')).toMatchObject({
        code: 'LEDGER_UNAVAILABLE',
        details: { missing: 'chaincode' },
      });
    });
  });
}
