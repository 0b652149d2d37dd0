import { LIMITS } from '@eko/protocol';
import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import { hashText } from '@eko/protocol/crypto';
import { matchOffer, policyHash, type BundleRecord } from '@eko/protocol/ledger';
import type { HistorySoFar } from './history-so-far';
import { violationAt, type Act, type HistoryRule, type Violation } from './violation';

/**
 * Works out again what the record of a request holds beside the request itself: who the parties are, its hashes and
 * times, and which standing offer covers it.
 *
 * @see docs/protocol.md, "1. Request and consent"
 */
export function checkRequest(
  { registry, bundles }: HistorySoFar,
  bundle: BundleRecord,
  act: Act,
): readonly Violation[] {
  const found: Violation[] = [];
  const { bundleId, policy, requests } = bundle;
  const refuse = (rule: HistoryRule, text: string): number =>
    found.push(violationAt(rule, act, bundleId, text));
  if (bundles.has(bundleId)) refuse('wrong-request', 'this bundle was requested before');
  const parties = [
    { nodeId: bundle.initiator, mspId: bundle.initiatorMsp, what: 'initiator' },
    { nodeId: policy.provider, mspId: bundle.providerMsp, what: 'provider' },
  ];
  for (const { nodeId, mspId, what } of parties) {
    const node = registry.node(nodeId);
    if (node?.role !== 'party' || node.mspId !== mspId || registry.isRetired(nodeId))
      refuse('wrong-request', `its ${what} ${nodeId} is no party of ${mspId}`);
  }
  if (bundle.initiator === policy.provider) refuse('wrong-request', 'its initiator is its provider');
  if (bundle.policyHash !== policyHash(policy)) refuse('wrong-request', 'its policy has another hash');
  const asked = hashText(utf8Encode(encodeCanonicalJson({ bundleId, policy, requests })));
  if (bundle.requestHash !== asked) refuse('wrong-request', 'what was asked has another hash');
  for (const text of brokenNumbers(bundle)) refuse('wrong-request', text);
  if (bundle.notAfterUnixMs !== bundle.requestedAtUnixMs + policy.durationSeconds * 1000)
    refuse('wrong-time', `it may live until ${bundle.notAfterUnixMs}, which is not its duration`);
  const offer = matchOffer(
    registry.node(policy.provider)?.offers ?? [],
    bundle,
    bundle.initiatorMsp,
  )?.offerId;
  const { versions, vrfKeys } = registry.now();
  if (bundle.rosterVersion !== versions.witness || bundle.orchestratorRosterVersion !== versions.orchestrator)
    refuse('wrong-request', 'it names other versions of the rosters than there were');
  const asks = bundle.offerId === undefined ? vrfKeys.get(policy.provider) : undefined;
  if (asks !== bundle.providerVrf)
    refuse('wrong-consent', 'it names another key than the one by which its provider consents');
  if (offer !== bundle.offerId)
    refuse('wrong-consent', `it names offer ${bundle.offerId ?? 'none'}, and ${offer ?? 'none'} covers it`);
  return found;
}

function brokenNumbers({ policy, requests }: BundleRecord): readonly string[] {
  const { durationSeconds, dealers, witnesses } = policy;
  const { count, quorum, witnessesCanVerify } = witnesses;
  const { durationSecondsMin: least, durationSecondsMax: most } = LIMITS;
  return [
    durationSeconds < least || durationSeconds > most ? `it lasts ${durationSeconds} s` : '',
    quorum > count ? `a quorum of ${quorum} out of ${count}` : '',
    witnessesCanVerify && count <= quorum ? `no ${quorum + 1} out of ${count} witnesses can verify` : '',
    dealers < 1 || requests.length < 1 || requests.length > LIMITS.requestsPerBundle
      ? 'nothing is asked'
      : '',
  ].filter((text) => text !== '');
}
