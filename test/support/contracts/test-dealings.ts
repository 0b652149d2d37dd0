import {
  ENVELOPE_SUITE,
  LABELS,
  dealingStatement,
  holdersOf,
  proveVrf,
  signRecord,
} from '@eko/protocol/crypto';
import {
  bundleTermsOf,
  recomputeSelection,
  vrfInput,
  type AssignmentRecord,
  type BundleRecord,
  type Dealing,
  type RecordDealings,
  type Roster,
  type VrfProof,
} from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { newEd25519Signer } from '@eko/protocol/node';
import { randomBytes } from 'node:crypto';
import { CHANNEL } from './eko-ledger';
import type { TestNetwork } from './test-network';
import type { TestNode } from './test-node';

/** Valid dealings for an assignment: real proofs and signatures, hashes of envelopes that nobody made. */
export function newRecordDealings(
  network: TestNetwork,
  bundle: BundleRecord,
  assignment: AssignmentRecord,
): RecordDealings {
  const { bundleId } = bundle;
  const { fence } = assignment;
  const epoch = 1;
  const dealers = assignment.orchestrators.map((nodeId) => nodeOf(network.orchestrators, nodeId));
  const proofs = dealers.map((dealer) => newVrfProof(dealer, bundle, assignment));
  const holders = holdersOfDraw(network, bundle, assignment, proofs);
  const dealings = dealers.map((dealer) => newDealing(dealer, { bundle, epoch, fence, holders }));
  return { bundleId, epoch, fence, proofs, dealings };
}

/** The bundle's holders, as the draw over these proofs makes them. */
export function holdersOfDraw(
  { ledger, orchestrators }: TestNetwork,
  bundle: BundleRecord,
  assignment: AssignmentRecord,
  proofs: readonly VrfProof[],
): readonly string[] {
  const roster = ledger.recordAt('roster/witness') as Roster;
  const selection = recomputeSelection({
    channel: CHANNEL,
    bundle: bundleTermsOf(bundle),
    assignment,
    proofs,
    vrfKey: (nodeId) => nodeOf(orchestrators, nodeId).registration.keys.vrf?.publicKey,
    roster: roster.entries,
  });
  return holdersOf(bundle, selection);
}

/** One orchestrator's proof for a bundle's draw. */
export function newVrfProof(
  dealer: TestNode,
  bundle: BundleRecord,
  assignment: Pick<AssignmentRecord, 'seed' | 'fence'>,
): VrfProof {
  const { vrf } = dealer.seeds;
  if (vrf === undefined) throw new TypeError(`${dealer.nodeId} is no orchestrator`);
  const proof = proveVrf(vrf, vrfInput({ channel: CHANNEL, bundle, assignment }));
  return { orchestrator: dealer.nodeId, proof: encodeBase64Url(proof) };
}

/** One dealer's signed dealing for these holders. */
export function newDealing(
  dealer: TestNode,
  place: Pick<Parameters<typeof dealingStatement>[0], 'bundle' | 'epoch' | 'fence' | 'holders'>,
): Dealing {
  const dealing: Omit<Dealing, 'signature'> = {
    dealer: dealer.nodeId,
    dealingId: encodeBase64Url(randomBytes(16)),
    suite: ENVELOPE_SUITE.name,
    sheetHash: encodeBase64Url(randomBytes(32)),
    envelopes: place.holders.map(() => encodeBase64Url(randomBytes(32))),
  };
  const statement = dealingStatement({ channel: CHANNEL, ...place, dealing });
  return {
    ...dealing,
    signature: signRecord(LABELS.dealingSignature, statement, newEd25519Signer(dealer.seeds.sign)),
  };
}

function nodeOf(nodes: readonly TestNode[], nodeId: string): TestNode {
  const node = nodes.find((candidate) => candidate.nodeId === nodeId);
  if (node === undefined) throw new RangeError(`the network has no ${nodeId}`);
  return node;
}
