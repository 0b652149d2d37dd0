import type { BundleRecord, BundleTerms } from './schemas/streams';

/** The terms of a bundle: what the event of its consent tells orchestrators and witnesses. */
export function bundleTermsOf(bundle: BundleRecord): BundleTerms {
  return {
    bundleId: bundle.bundleId,
    initiator: bundle.initiator,
    initiatorMsp: bundle.initiatorMsp,
    providerMsp: bundle.providerMsp,
    policy: bundle.policy,
    policyHash: bundle.policyHash,
    requestHash: bundle.requestHash,
    requestTxId: bundle.requestTxId,
    requestedAtUnixMs: bundle.requestedAtUnixMs,
    notAfterUnixMs: bundle.notAfterUnixMs,
    rosterVersion: bundle.rosterVersion,
    orchestratorRosterVersion: bundle.orchestratorRosterVersion,
    streams: bundle.requests.length,
  };
}
