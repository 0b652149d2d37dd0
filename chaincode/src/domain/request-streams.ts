import { EkoError, type RequestStreams } from '@eko/protocol';
import {
  BundleRecord,
  EVENTS,
  eligibleWitnesses,
  matchOffer,
  policyHash,
  type NodeRecord,
} from '@eko/protocol/ledger';
import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import { hashText } from '@eko/protocol/crypto';
import { newAssignment } from './assignments';
import type { Work } from './ledger-port';
import { takeSlot } from './open-slots';
import { announced, unchanged, type OutcomeOf } from './outcome';
import { readAssignment, readNode, readRecord, readRoster } from './records';
import { checkRequest } from './request-rules';
import { presentEntries } from './roster';
import { assignmentKey, bundleKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';

/**
 * Requests a bundle of streams under one policy, for the submitting party as initiator. Where a standing offer covers it,
 * this consents, and assigns who deals it. A repeated request is answered with what the first one made.
 *
 * @throws EkoError `SECRET_IN_METADATA`, `EXPIRY_OUT_OF_RANGE`, `POLICY_UNSATISFIABLE`, `INVALID_PARTY`,
 *   `FORBIDDEN`, `IDEMPOTENCY_MISMATCH`, `ALREADY_EXISTS`, `TOO_LARGE`, `NO_SLOT`
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function requestStreams(
  { slot, ...request }: RequestStreams,
  work: Work,
): Promise<OutcomeOf<'requestStreams'>> {
  checkRequest(request);
  const initiator = await requireInitiator(work);
  const requestHash = hashText(utf8Encode(encodeCanonicalJson(request)));
  const repeated = await answerRepeated(request.bundleId, requestHash, initiator.nodeId, work);
  if (repeated !== undefined) return repeated;
  const provider = await requireProvider(request, initiator, work);
  const bundle = await newBundle({ request, requestHash, initiator, provider }, work);
  if (bundle.offerId === undefined) await takeSlot(bundle, slot, work);
  await work.ledger.put(bundleKey(bundle.bundleId), bundle);
  if (bundle.offerId === undefined) return announced(EVENTS.streamsRequested, { bundle });
  const assignment = await newAssignment({ bundle, acceptance: undefined, earlier: [] }, work);
  await work.ledger.put(assignmentKey(bundle.bundleId, assignment.fence), assignment);
  return announced(EVENTS.streamsRequested, { bundle, assignment });
}

async function requireInitiator(work: Work): Promise<NodeRecord> {
  const node = await requireActiveSubmitter(work);
  if (node.role !== 'party')
    throw new EkoError(
      'FORBIDDEN',
      `Only parties request streams, and ${node.nodeId} has the role of ${node.role}`,
      {
        details: { nodeId: node.nodeId, role: node.role },
      },
    );
  return node;
}

async function requireProvider(
  { policy }: RequestStreams,
  initiator: NodeRecord,
  { ledger }: Work,
): Promise<NodeRecord> {
  const refuse = (why: string): never => {
    throw new EkoError('INVALID_PARTY', `policy.provider: ${why}`, {
      details: { provider: policy.provider },
    });
  };
  if (policy.provider === initiator.nodeId) return refuse('a party cannot be its own provider');
  const provider = await readNode(ledger, policy.provider);
  if (provider === undefined) return refuse(`no node ${policy.provider} is registered`);
  if (provider.role !== 'party') return refuse(`${policy.provider} has the role of ${provider.role}`);
  return provider.status === 'active' ? provider : refuse(`${policy.provider} is retired`);
}

async function answerRepeated(
  bundleId: string,
  requestHash: string,
  initiator: string,
  { ledger }: Work,
): Promise<OutcomeOf<'requestStreams'> | undefined> {
  const bundle = await readRecord(ledger, BundleRecord, bundleKey(bundleId));
  if (bundle === undefined) return undefined;
  const details = { bundleId };
  if (bundle.initiator !== initiator)
    throw new EkoError('ALREADY_EXISTS', `Bundle ${bundleId} exists: choose another ID`, { details });
  if (bundle.requestHash !== requestHash)
    throw new EkoError('IDEMPOTENCY_MISMATCH', `Bundle ${bundleId} was requested with another body`, {
      details,
    });
  if (bundle.offerId === undefined) return unchanged({ bundle });
  const assignment = await readAssignment(ledger, bundleId, 0);
  return unchanged({ bundle, ...(assignment === undefined ? {} : { assignment }) });
}

interface NewBundle {
  readonly request: RequestStreams;
  readonly requestHash: string;
  readonly initiator: NodeRecord;
  readonly provider: NodeRecord;
}

async function newBundle(
  { request, requestHash, initiator, provider }: NewBundle,
  { call, ledger }: Work,
): Promise<BundleRecord> {
  const { bundleId, policy, requests } = request;
  const witnesses = await readRoster(ledger, 'witness');
  const orchestrators = await readRoster(ledger, 'orchestrator');
  refuseTooFewDealers(presentEntries(orchestrators).length, policy.dealers);
  // Throws where a draw could not succeed, naming the filter that emptied the pool.
  eligibleWitnesses(witnesses.entries, {
    initiator: initiator.nodeId,
    provider: provider.nodeId,
    partyMsps: [initiator.mspId, provider.mspId],
    rosterVersion: witnesses.version,
    witnesses: policy.witnesses,
  });
  const offer = matchOffer(provider.offers, request, initiator.mspId);
  return {
    bundleId,
    initiator: initiator.nodeId,
    initiatorMsp: initiator.mspId,
    providerMsp: provider.mspId,
    policy,
    policyHash: policyHash(policy),
    requests,
    requestHash,
    requestTxId: call.txId,
    requestedAtUnixMs: call.nowUnixMs,
    notAfterUnixMs: call.nowUnixMs + policy.durationSeconds * 1000,
    rosterVersion: witnesses.version,
    orchestratorRosterVersion: orchestrators.version,
    ...(offer === undefined ? { providerVrf: requireVrf(provider) } : { offerId: offer.offerId }),
  };
}

/** Said at once: the provider would consent to what nobody can deal. */
function refuseTooFewDealers(eligible: number, needed: number): void {
  if (eligible < needed)
    throw new EkoError(
      'POLICY_UNSATISFIABLE',
      `There are ${eligible} orchestrators, and ${needed} are to deal`,
      {
        details: { filter: 'orchestrators', eligible, needed },
      },
    );
}

/** The key by which a provider consents: as it is now, so that it cannot try others once it knows the request. */
function requireVrf({ nodeId, keys }: NodeRecord): string {
  if (keys.vrf === undefined)
    throw new EkoError(
      'INVALID_PARTY',
      `policy.provider: ${nodeId} has registered no vrf key and cannot consent`,
      {
        details: { provider: nodeId },
      },
    );
  return keys.vrf;
}
