import { status } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { isSubmitUncertain, gatewayError } from '../../../../client-sdk/sdk/src/ledger/gateway-errors';
import { serviceError } from './fake-gateway-client';

const failure = (code: status, message: string, details: readonly string[] = []): GatewayError =>
  new GatewayError({
    code,
    message,
    cause: serviceError(code, message),
    details: details.map((text, index) => ({
      address: `peer${index}:7051`,
      mspId: `Org${index}MSP`,
      message: text,
    })),
  });

describe('gatewayError', () => {
  it.each([
    [
      'an evaluate',
      failure(
        status.UNKNOWN,
        'evaluate call to endorser returned error: chaincode response 500, NOT_FOUND: no bundle',
      ),
    ],
    [
      'the first endorser',
      failure(status.ABORTED, 'failed to endorse transaction, see attached details', [
        'chaincode response 500, NOT_FOUND: no bundle',
      ]),
    ],
    [
      'a later endorser',
      failure(status.ABORTED, 'failed to collect enough transaction endorsements, see attached details', [
        'connection refused',
        'chaincode response 500, NOT_FOUND: no bundle',
      ]),
    ],
  ])("finds the contract's code and text in the failure of %s", (_where, error) => {
    const mapped = gatewayError(error, 'endorse');
    expect(mapped).toMatchObject({ code: 'NOT_FOUND', message: 'no bundle', cause: error });
  });

  it.each([
    [status.UNAVAILABLE, 'failed to get config for channel [x]: could not get last config for channel x'],
    [status.PERMISSION_DENIED, 'Failed to get policy manager for channel [x]'],
    [status.NOT_FOUND, 'channel x does not exist'],
  ])('says that the channel is missing, whatever the status (%s)', (code, message) => {
    const { details, ...mapped } = gatewayError(failure(code, message), 'evaluate').toJSON();
    expect(mapped).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(details).toMatchObject({ missing: 'channel' });
  });

  it.each([
    'no peers available to evaluate chaincode eko in channel x',
    'no combination of peers can be derived: No metadata was found for chaincode eko in channel x',
  ])('says that the chaincode is missing, which may pass: %s', (message) => {
    const { details, ...mapped } = gatewayError(
      failure(status.FAILED_PRECONDITION, message),
      'evaluate',
    ).toJSON();
    expect(mapped).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(details).toMatchObject({ missing: 'chaincode' });
  });

  it('names the endorsers that failed', () => {
    const error = failure(status.ABORTED, 'see attached details', ['down', 'down too']);
    expect(gatewayError(error, 'endorse', 'tx')).toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      details: { stage: 'endorse', txId: 'tx', peers: ['Org0MSP peer0:7051', 'Org1MSP peer1:7051'] },
    });
  });

  it.each([
    [
      'unlike endorsements',
      status.ABORTED,
      'failed to assemble transaction: ProposalResponsePayloads do not match',
      'LEDGER_CONFLICT',
    ],
    ['a duplicate', status.ALREADY_EXISTS, 'duplicate transaction found [abc]', 'DUPLICATE_TRANSACTION'],
    [
      'a message too large',
      status.RESOURCE_EXHAUSTED,
      'received message larger than max (5 vs. 4)',
      'TOO_LARGE',
    ],
    [
      'too many calls',
      status.RESOURCE_EXHAUSTED,
      'too many requests for /gateway.Gateway/Endorse',
      'RATE_LIMITED',
    ],
    ['no peer', status.UNAVAILABLE, 'no connection established', 'LEDGER_UNAVAILABLE'],
    ['silence', status.DEADLINE_EXCEEDED, 'deadline', 'DEADLINE_EXCEEDED'],
    [
      'an unknown organisation',
      status.UNKNOWN,
      'error validating proposal: access denied: channel [c] creator org unknown, creator is malformed',
      'FORBIDDEN',
    ],
    ['a wrong identity', status.PERMISSION_DENIED, 'creator org unknown', 'FORBIDDEN'],
    ['a code that is not ours', status.UNKNOWN, 'chaincode response 500, NO_SUCH_CODE: text', 'INTERNAL'],
    ['lower-case text', status.UNKNOWN, 'chaincode response 500, something broke', 'INTERNAL'],
  ])('maps %s', (_what, code, message, expected) => {
    expect(gatewayError(failure(code, message), 'endorse').code).toBe(expected);
  });

  it('keeps foreign text out of the message', () => {
    const error = gatewayError(failure(status.UNKNOWN, 'a secret'), 'evaluate');
    expect(JSON.stringify(error)).not.toContain('a secret');
  });

  it('takes a submit as lost only where the orderer may have it', () => {
    expect(isSubmitUncertain(failure(status.DEADLINE_EXCEEDED, ''))).toBe(true);
    expect(isSubmitUncertain(failure(status.UNAVAILABLE, ''))).toBe(true);
    expect(isSubmitUncertain(failure(status.ABORTED, ''))).toBe(false);
    const none = 'no orderers could successfully process transaction';
    const refused = 'dial tcp 127.0.0.1:7050: connect: connection refused';
    expect(isSubmitUncertain(failure(status.UNAVAILABLE, none, [refused, refused]))).toBe(false);
    // One that answered without taking it is not among the details.
    expect(isSubmitUncertain(failure(status.UNAVAILABLE, none))).toBe(false);
    expect(isSubmitUncertain(failure(status.UNAVAILABLE, none, [refused, 'rpc error: EOF']))).toBe(true);
  });

  it('says that no orderer took a transaction', () => {
    const error = failure(status.UNAVAILABLE, 'no orderers could successfully process transaction');
    expect(gatewayError(error, 'submit').message).toContain('quorum');
  });
});
