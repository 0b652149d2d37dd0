import { EnvelopeAcknowledgement, NODE_ROUTES } from '@eko/protocol/rest';
import { LABELS, abandonmentStatement, proveVrf, signRecord } from '@eko/protocol/crypto';
import {
  TRANSACTIONS,
  bundleTermsOf,
  recomputeSelection,
  vrfInput,
  type Abandonment,
  type BundleView,
  type Selection,
  type VrfProof,
} from '@eko/protocol/ledger';
import { decodeBase64Url, encodeBase64Url } from '@eko/protocol/encoding';
import { newEd25519Signer, nodeHpkePrimitives } from '@eko/protocol/node';
import { connectGatewayLedger, readFabricProfile, type Ledger } from '@eko/sdk';
import { EndpointPolicy, NodeClient, NodeDirectory, loadNodeKeys, type NodeKeys } from '@eko/sdk/node';
import {
  completeDealing,
  newDealing,
  type DealingPlan,
  type NewDealing,
} from '../../../network/orchestrator/src/core/new-dealing';
import type { LiveMember } from '../../support/in-process/live-member';

/** Somebody with the keys of the only orchestrator of a bundle, who does as a test says and not as the node would. */
export class DishonestDealer {
  readonly #nodeId: string;
  readonly #keys: NodeKeys;
  readonly #ledger: Ledger;
  readonly #client: NodeClient;
  readonly #directory: NodeDirectory;

  private constructor(nodeId: string, keys: NodeKeys, ledger: Ledger, directory: NodeDirectory) {
    this.#nodeId = nodeId;
    this.#keys = keys;
    this.#ledger = ledger;
    this.#directory = directory;
    const endpoints = new EndpointPolicy({ allowAddresses: ['127.0.0.0/8'] });
    this.#client = new NodeClient({ tls: keys.tls, endpoints });
  }

  /** Takes the keys and the identity of a node that does not run. */
  static async of({ nodeId, keysDirectory, ledgerProfile }: LiveMember): Promise<DishonestDealer> {
    const keys = loadNodeKeys(keysDirectory, { nodeId, role: 'orchestrator' });
    const ledger = connectGatewayLedger({ profile: await readFabricProfile(ledgerProfile) });
    return new DishonestDealer(nodeId, keys, ledger, await NodeDirectory.load(ledger));
  }

  /** Deals as an honest one would. */
  async deal(view: BundleView): Promise<NewDealing> {
    return newDealing(await this.#plan(view), {
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      primitives: nodeHpkePrimitives,
      sign: newEd25519Signer(this.#keys.seeds.sign),
      yieldToEventLoop: () => Promise.resolve(),
    });
  }

  /** Delivers to every witness, with its word that it abandoned `abandoned`. */
  async deliver({ bundle }: BundleView, dealt: NewDealing, abandoned: readonly NewDealing[]): Promise<void> {
    const { epoch, fence, dealing, deliverySignature, holders, sheet, envelopes } = dealt;
    for (const [place, holder] of holders.entries()) {
      if (place < 2) continue;
      await this.#client.call({
        node: this.#directory.require(holder),
        route: NODE_ROUTES.deliverEnvelope,
        body: {
          bundleId: bundle.bundleId,
          epoch,
          fence,
          dealing,
          signature: deliverySignature,
          holders: [...holders],
          envelope: envelopes[place] ?? new Uint8Array(),
          sheet,
          abandoned: abandoned.map((given) => this.#abandonment(bundle, given)),
        },
        answerSchema: EnvelopeAcknowledgement,
        deadlineMs: 10_000,
      });
    }
  }

  /** Has a dealing recorded. */
  async record(view: BundleView, dealt: NewDealing): Promise<void> {
    const { bundleId } = view.bundle;
    const { epoch, fence } = dealt;
    const plan = await this.#plan(view);
    const { dealing } = completeDealing(plan, dealt, newEd25519Signer(this.#keys.seeds.sign));
    const argument = { bundleId, epoch, fence, proofs: this.#proofs(view), dealings: [dealing] };
    await this.#ledger.submit(TRANSACTIONS.recordDealings, argument);
  }

  close(): void {
    this.#client.close();
    this.#ledger.close();
    this.#keys.dispose();
  }

  #abandonment(
    { bundleId, requestTxId }: BundleView['bundle'],
    { epoch, fence, dealing: { dealer, dealingId } }: NewDealing,
  ): Abandonment {
    const { channel } = this.#ledger;
    const statement = abandonmentStatement({
      channel,
      bundleId,
      epoch,
      fence,
      requestTxId,
      dealer,
      dealingId,
    });
    const sign = newEd25519Signer(this.#keys.seeds.sign);
    return { dealingId, signature: signRecord(LABELS.abandonmentSignature, statement, sign) };
  }

  #proofs({ bundle, assignments }: BundleView): VrfProof[] {
    const { vrf } = this.#keys.seeds;
    const [assignment] = assignments;
    if (vrf === undefined || assignment === undefined)
      throw new RangeError('it has a VRF key and is assigned');
    const input = vrfInput({ channel: this.#ledger.channel, bundle, assignment });
    return [{ orchestrator: this.#nodeId, proof: encodeBase64Url(proveVrf(vrf, input)) }];
  }

  async #plan(view: BundleView): Promise<DealingPlan> {
    const { channel } = this.#ledger;
    const bundle = bundleTermsOf(view.bundle);
    const [assignment] = view.assignments;
    if (assignment === undefined) throw new RangeError('it is assigned');
    const { entries } = await this.#ledger.evaluate(TRANSACTIONS.readRoster, { role: 'witness' });
    const selection: Selection = recomputeSelection({
      channel,
      bundle,
      assignment,
      proofs: this.#proofs(view),
      vrfKey: (nodeId) => this.#directory.require(nodeId).keys.vrf,
      roster: entries,
    });
    const holderKey = (holder: string): Uint8Array =>
      decodeBase64Url(this.#directory.require(holder).keys.kem.publicKey);
    return { channel, dealer: this.#nodeId, bundle, epoch: 1, fence: 0, selection, holderKey };
  }
}
