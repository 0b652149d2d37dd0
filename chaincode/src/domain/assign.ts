import {
  organisationsAt,
  recomputeAssignment,
  settledEntries,
  type AcceptanceRecord,
  type AssignmentRecord,
  type BundleRecord,
} from '@eko/protocol/ledger';
import type { Work } from './ledger-port';
import { readRoster, requireNode } from './records';

/**
 * The next assignment of a bundle: the first with its consent, or the one after the last of `earlier`. Who may be
 * assigned was in the roster at the request, with the same key, and still is; what others changed since then leaves no
 * organisation more seats than it had at the request.
 *
 * @param acceptance - the provider's own; `undefined` where a standing offer consents
 * @param earlier - the assignments before, in their order
 * @throws EkoError `BAD_PROOF` where the provider's proof does not hold, `POLICY_UNSATISFIABLE` where no set exists
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function newAssignment(
  input: {
    readonly bundle: BundleRecord;
    readonly acceptance: Pick<AcceptanceRecord, 'proof'> | undefined;
    readonly earlier: readonly AssignmentRecord[];
  },
  { call, ledger, verify }: Work,
): Promise<AssignmentRecord> {
  const { bundle, acceptance, earlier } = input;
  const { entries } = await readRoster(ledger, 'orchestrator');
  const candidates = settledEntries(entries, bundle.orchestratorRosterVersion);
  const sets = await Promise.all(
    earlier.map(({ orchestrators }) =>
      Promise.all(orchestrators.map((nodeId) => requireNode(ledger, nodeId))),
    ),
  );
  const { channel } = call;
  const { bundleId } = bundle;
  const next = recomputeAssignment({
    channel,
    bundle,
    acceptance,
    candidates,
    earlier: sets,
    organisations: organisationsAt(entries, bundle.orchestratorRosterVersion),
    verify: verify.vrf,
  });
  const heldBy = earlier.at(-1)?.orchestrators;
  return {
    bundleId,
    ...next,
    ...(heldBy === undefined ? {} : { heldBy }),
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
}
