import { SecretBytes } from '@eko/protocol';
import { consentInput } from '@eko/protocol/ledger';
import { assignOrchestrators } from '../../../../client-sdk/protocol/src/selection/rendezvous';
import {
  assignmentSeed,
  recomputeAssignmentSeed,
  type RequestName,
} from '../../../../client-sdk/protocol/src/selection/assignment-seed';
import { deriveVrfPublicKey, proveVrf, verifyVrf } from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { codedError } from '../../../support/coded-error';
import { referenceHash } from './reference-draw';
import { seededBytes } from '../../../support/random';
import { bundleRecord } from '../../../support/data/ledger-facts';

const random = seededBytes(5);
const vrf = new SecretBytes('vrf seed', random(32));
const publicKey = deriveVrfPublicKey(vrf);
const request: RequestName = { channel: 'trade', bundleId: 'b', requestTxId: 'ab'.repeat(32) };
const outputFor = (name: RequestName): Uint8Array =>
  verifyVrf(publicKey, consentInput(name), proveVrf(vrf, consentInput(name)));

describe('the seed of a bundle’s assignments', () => {
  it('is the hash of the request, and of the provider’s output where that consents by hand', () => {
    const { channel, bundleId, requestTxId } = request;
    const label = 'eko/1 assignment seed';
    expect(assignmentSeed(request, undefined)).toEqual(
      new Uint8Array(referenceHash(label, channel, bundleId, requestTxId)),
    );
    const output = outputFor(request);
    expect(assignmentSeed(request, output)).toEqual(
      new Uint8Array(referenceHash(label, channel, bundleId, requestTxId, output)),
    );
  });

  it('follows from the ledger, and from no other proof than the one that the provider has', () => {
    const { offerId, ...asked } = bundleRecord();
    const bundle = { ...asked, providerVrf: encodeBase64Url(publicKey) };
    const named = (change: Partial<RequestName> = {}): RequestName => ({
      channel: 'trade',
      bundleId: bundle.bundleId,
      requestTxId: bundle.requestTxId,
      ...change,
    });
    const proofOf = (name: RequestName, by = vrf): string =>
      encodeBase64Url(proveVrf(by, consentInput(name)));
    const channel = 'trade';
    const proof = proofOf(named());
    expect(recomputeAssignmentSeed({ channel, bundle, proof })).toEqual(
      assignmentSeed(named(), outputFor(named())),
    );
    const offered = { ...asked, offerId: offerId ?? 'standing' };
    expect(recomputeAssignmentSeed({ channel, bundle: offered, proof: undefined })).toEqual(
      assignmentSeed(named(), undefined),
    );
    const other = new SecretBytes('vrf seed', random(32));
    for (const wrong of [
      { channel, bundle, proof: undefined },
      { channel, bundle: offered, proof },
      { channel: 'other', bundle, proof },
      { channel, bundle, proof: proofOf(named({ requestTxId: 'cd'.repeat(32) })) },
      { channel, bundle, proof: proofOf(named({ bundleId: 'another' })) },
      { channel, bundle, proof: proofOf(named(), other) },
      { channel, bundle, proof: 'short' },
    ]) {
      const error = codedError(() => recomputeAssignmentSeed(wrong));
      expect([error.code, error.details]).toEqual(['BAD_PROOF', { provider: 'provider' }]);
    }
  });
});

describe('an initiator that tries transaction IDs until its accomplice is the dealer', () => {
  const REQUESTS = 60;
  const TRIES = 40;
  const candidates = ['accomplice', 'a', 'b', 'c', 'd'].map((nodeId) => ({ nodeId, mspId: nodeId }));
  const leadBy = (seed: Uint8Array): string | undefined =>
    assignOrchestrators(candidates, { seed, dealers: 1, earlier: [] })[0];
  /** The one of many transaction IDs that pleases it, by all that it can compute before it submits one. */
  const pleasing = (): RequestName => {
    let name = request;
    for (let tries = 0; tries < TRIES; tries += 1) {
      name = { ...request, requestTxId: Buffer.from(random(32)).toString('hex') };
      if (leadBy(assignmentSeed(name, undefined)) === 'accomplice') break;
    }
    return name;
  };
  const requests = Array.from({ length: REQUESTS }, pleasing);
  const wins = (seedOf: (name: RequestName) => Uint8Array): number =>
    requests.filter((name) => leadBy(seedOf(name)) === 'accomplice').length / REQUESTS;

  it('gains nothing where the provider consents by hand', () => {
    const share = 1 / candidates.length;
    const error = 4 * Math.sqrt((share * (1 - share)) / REQUESTS);
    expect(Math.abs(wins((name) => assignmentSeed(name, outputFor(name))) - share)).toBeLessThan(error);
  });

  it('has its way under a standing offer, which is why an offer asks for more dealers than may collude', () => {
    expect(wins((name) => assignmentSeed(name, undefined))).toBeGreaterThan(0.99);
    const two = (name: RequestName): readonly string[] =>
      assignOrchestrators(candidates, { seed: assignmentSeed(name, undefined), dealers: 2, earlier: [] });
    for (const name of requests) expect(two(name).some((nodeId) => nodeId !== 'accomplice')).toBe(true);
  });
});
