import {
  BundleRecord,
  EVENTS,
  EkoError,
  assignOrchestrators,
  eligibleWitnesses,
  encodeCanonicalJson,
  hashText,
  matchOffer,
  policyHash,
  utf8Encode,
  type AssignmentRecord,
  type NodeRecord,
  type RequestStreams,
} from '@eko/protocol';
import type { Work } from './ledger-port';
import { announced, unchanged, type Outcome } from './outcome';
import { readAssignment, readNode, readRecord, readRoster } from './records';
import { checkRequest } from './request-rules';
import { presentEntries } from './roster';
import { assignmentKey, bundleKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';

/**
 * Requests a bundle of streams under one policy, for the submitting party as initiator. A repeated request is
 * answered with what the first one made.
 *
 * @throws EkoError `SECRET_IN_METADATA`, `EXPIRY_OUT_OF_RANGE`, `POLICY_UNSATISFIABLE`, `INVALID_PARTY`,
 *   `FORBIDDEN`, `IDEMPOTENCY_MISMATCH`, `ALREADY_EXISTS`
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function requestStreams(request: RequestStreams, work: Work): Promise<Outcome> {
  checkRequest(request);
  const initiator = await requireInitiator(work);
  const requestHash = hashText(utf8Encode(encodeCanonicalJson(request)));
  const repeated = await answerRepeated(request.bundleId, requestHash, initiator.nodeId, work);
  if (repeated !== undefined) return repeated;
  const provider = await requireProvider(request, initiator, work);
  const bundle = await newBundle({ request, requestHash, initiator, provider }, work);
  const assignment = await firstAssignment(bundle, work);
  await work.ledger.put(bundleKey(bundle.bundleId), bundle);
  await work.ledger.put(assignmentKey(bundle.bundleId, assignment.fence), assignment);
  return announced({ name: EVENTS.streamsRequested, payload: { bundle, assignment } });
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
): Promise<Outcome | undefined> {
  const bundle = await readRecord(ledger, BundleRecord, bundleKey(bundleId));
  if (bundle === undefined) return undefined;
  const details = { bundleId };
  if (bundle.initiator !== initiator)
    throw new EkoError('ALREADY_EXISTS', `Bundle ${bundleId} exists: choose another ID`, { details });
  if (bundle.requestHash !== requestHash)
    throw new EkoError('IDEMPOTENCY_MISMATCH', `Bundle ${bundleId} was requested with another body`, {
      details,
    });
  const assignment = await readAssignment(ledger, bundleId, 0);
  if (assignment === undefined)
    throw new EkoError('CORRUPT_RECORD', `Bundle ${bundleId} was requested without an assignment`, {
      details,
    });
  return unchanged({ bundle, assignment });
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
    ...(offer === undefined ? {} : { offerId: offer.offerId }),
  };
}

async function firstAssignment(bundle: BundleRecord, { call, ledger }: Work): Promise<AssignmentRecord> {
  const { bundleId, policy } = bundle;
  const entries = presentEntries(await readRoster(ledger, 'orchestrator'));
  const fence = 0;
  const terms = { bundleId, requestTxId: call.txId, dealers: policy.dealers, fence };
  const orchestrators = [...assignOrchestrators(entries, terms)];
  return { bundleId, fence, orchestrators, replaced: [], txId: call.txId, atUnixMs: call.nowUnixMs };
}
