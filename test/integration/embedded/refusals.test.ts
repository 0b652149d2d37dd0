import { join } from 'node:path';
import { createPrivateKey, sign } from 'node:crypto';
import { credentials, Client } from '@grpc/grpc-js';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { connect, hash } from '@hyperledger/fabric-gateway';
import { createOrganisation, issueIdentity } from '@eko/embedded-ledger';
import { issueOddCertificate } from '../../support/embedded/certificates';
import { CHAINCODE, CHANNEL, connectClient, take } from '../../support/embedded/gateway-client';
import { startLedger, type StartedLedger } from '../../support/embedded/started-ledger';

const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const PERMISSION_DENIED = 7;
const ABORTED = 10;
const RESOURCE_EXHAUSTED = 8;
const StatusCode = peer.TxValidationCode;

describe('what the embedded ledger refuses', () => {
  let started: StartedLedger;

  beforeAll(async () => {
    started = await startLedger({ executeTimeoutMs: 300, maxMessageBytes: 64 * 1024 });
  });

  afterAll(async () => {
    await started.remove();
  });

  it('refuses a stranger with an authority of the same name', async () => {
    const stranger = await createOrganisation({
      directory: join(started.directory, 'strangers'),
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
    });
    const mallory = connectClient(started.ledger, await issueIdentity(stranger, { name: 'mallory' }));
    await expect(mallory.contract.submitTransaction('Put', 'k', 'v')).rejects.toMatchObject({
      code: ABORTED,
      details: [{ message: expect.stringContaining('creator org [Org1MSP]') as string }],
    });
    const denied = { code: PERMISSION_DENIED };
    await expect(take(await mallory.network.getChaincodeEvents(CHAINCODE), 1)).rejects.toMatchObject(denied);
    await expect(take(await mallory.network.getBlockEvents(), 1)).rejects.toMatchObject(denied);
    mallory.close();
  });

  it('refuses somebody else’s key, another channel and another chaincode in the words of a peer', async () => {
    const { client, alice, organisation, ledger } = started;
    const saying = (code: number, message: string): unknown =>
      expect.objectContaining({ code, message: expect.stringContaining(message) as string });
    const { privateKeyPem } = await issueIdentity(organisation, { name: 'eve' });
    const eve = connectClient(ledger, { ...alice, privateKeyPem });
    const refused = { code: FAILED_PRECONDITION };
    await expect(eve.contract.evaluateTransaction('Get', 'k')).rejects.toMatchObject(refused);
    eve.close();
    const elsewhere = client.gateway.getNetwork('elsewhere');
    const there = elsewhere.getContract(CHAINCODE);
    const noConfig = saying(UNAVAILABLE, 'could not get last config for channel elsewhere');
    await expect(there.evaluateTransaction('Get', 'k')).rejects.toEqual(noConfig);
    const noMetadata = saying(FAILED_PRECONDITION, 'No metadata was found for chaincode sample in channel');
    await expect(there.submitTransaction('Put', 'k', 'v')).rejects.toEqual(noMetadata);
    const noPolicies = saying(PERMISSION_DENIED, 'Failed to get policy manager for channel [elsewhere]');
    await expect(take(await elsewhere.getChaincodeEvents(CHAINCODE), 1)).rejects.toEqual(noPolicies);
    const another = client.network.getContract('another');
    const noPeers = saying(FAILED_PRECONDITION, 'no peers available to evaluate chaincode another');
    await expect(another.evaluateTransaction('Get', 'k')).rejects.toEqual(noPeers);
    await expect(another.submitTransaction('Put', 'k', 'v')).rejects.toMatchObject(refused);
  });

  it('ends a contract that does not answer', async () => {
    await expect(started.client.contract.submitTransaction('Hang')).rejects.toMatchObject({
      code: ABORTED,
      details: [{ message: expect.stringContaining('timeout expired') as string }],
    });
    await started.client.contract.submitTransaction('Put', 'after', 'v');
  });

  it('refuses a message above its limit', async () => {
    await expect(
      started.client.contract.submitTransaction('Put', 'k', 'x'.repeat(65 * 1024)),
    ).rejects.toMatchObject({ code: RESOURCE_EXHAUSTED });
  });

  it('invalidates what too few organisations have endorsed', async () => {
    const { contract } = started.client;
    const commit = await contract.submitAsync('Put', {
      arguments: ['lonely', 'v'],
      endorsingOrganizations: ['Org1MSP'],
    });
    expect((await commit.getStatus()).code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
    expect(Buffer.from(await contract.evaluateTransaction('Get', 'lonely')).toString()).toBe('');
  });

  it('invalidates a result that was changed after its endorsement, and refuses a wrong signature', async () => {
    const { client, alice } = started;
    const endorsed = await client.contract.newProposal('Put', { arguments: ['k', 'honest'] }).endorse();
    const prepared = gateway.PreparedTransaction.deserializeBinary(endorsed.getBytes());
    const envelope = prepared.getEnvelope() ?? new common.Envelope();
    const honest = Buffer.from(envelope.getPayload_asU8());
    const forged = Buffer.from(honest.toString('latin1').replaceAll('honest', 'forged'), 'latin1');
    expect(forged).toHaveLength(honest.length);
    expect(forged.equals(honest)).toBe(false);
    envelope.setPayload(forged);
    const unsigned = client.gateway.newTransaction(prepared.serializeBinary());
    const commit = await unsigned.submit();
    expect((await commit.getStatus()).code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);

    const another = await client.contract.newProposal('Put', { arguments: ['k', 'v'] }).endorse();
    const wrong = sign('sha256', Buffer.from('another message'), createPrivateKey(alice.privateKeyPem));
    const misSigned = client.gateway.newSignedTransaction(another.getBytes(), wrong);
    await expect(misSigned.submit()).rejects.toMatchObject({
      name: 'SubmitError',
      code: ABORTED,
      message: expect.stringContaining('FORBIDDEN') as string,
    });
  });

  it('refuses a proposal whose transaction is in a block already', async () => {
    const proposal = started.client.contract.newProposal('Put', { arguments: ['once', 'v'] });
    await (await (await proposal.endorse()).submit()).getStatus();
    await expect(proposal.endorse()).rejects.toMatchObject({
      details: [{ message: expect.stringContaining('duplicate transaction found') as string }],
    });
  });

  it('serves a client with an Ed25519 key', async () => {
    const { ledger, organisation } = started;
    const { certificatePem, privateKeyPem } = await issueOddCertificate(organisation.ca, {
      keyAlgorithm: 'Ed25519',
    });
    const key = createPrivateKey(privateKeyPem);
    const client = new Client(ledger.address, credentials.createSsl(Buffer.from(ledger.tlsCaPem)));
    const connection = connect({
      client,
      identity: { mspId: 'Org1MSP', credentials: Buffer.from(certificatePem) },
      signer: (message) => Promise.resolve(sign(null, message, key)),
      hash: hash.none,
    });
    const contract = connection.getNetwork(CHANNEL).getContract(CHAINCODE);
    expect(Buffer.from(await contract.submitTransaction('Put', 'ed', '25519')).toString()).toBe('25519');
    connection.close();
    client.close();
  });
});
