import { createPrivateKey, type KeyObject } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { common, peer } from '@hyperledger/fabric-protos';
import { type EndorsedRun, EndorsingHosts, isAgreed, MISMATCH } from '../contracts/endorsing-hosts';
import type { ContractClass, SimulationResult } from '../contracts/contract-host';
import type { KeyPair } from '../identity/certificate-authority';
import { AccessDenied, type Membership } from '../identity/membership';
import { signLowS } from '../identity/signature';
import type { Ledger } from '../ledger/ledger';
import { parseProposal, type Proposal } from '../messages/proposal';
import { encodeCreator } from '../messages/proposal-builder';
import { assembleTransaction, type Endorsement } from '../messages/transaction';
import type { MajorityPolicy } from './endorsement-policy';
import { GatewayFault, type FaultDetail } from './gateway-fault';

/** What an endorser works with. */
export interface EndorserOptions {
  readonly channelId: string;
  readonly chaincodeName: string;
  readonly contracts: readonly ContractClass[];
  /** The peer identity of each endorsing organisation. */
  readonly peers: ReadonlyMap<string, KeyPair>;
  readonly membership: Membership;
  readonly policy: MajorityPolicy;
  readonly ledger: Ledger;
  /** Where the peers are, for the details of faults. */
  readonly address: () => string;
  readonly executeTimeoutMs?: number;
}

/** Fabric's words, which clients look for. */
const ENDORSE_FAILED = 'failed to endorse transaction, see attached details for more info';
const COLLECT_FAILED =
  'failed to collect enough transaction endorsements, see attached details for more info';
const EVALUATE_FAILED = 'evaluate call to endorser returned error: ';
/** From here on a contract's status is a refusal. */
const ERROR_STATUS = 400;

interface Signer {
  readonly creator: Uint8Array;
  readonly key: KeyObject;
}

/** Runs proposals on the organisations' peers and signs what they agree on. */
export class Endorser {
  readonly #options: EndorserOptions;
  readonly #hosts: EndorsingHosts;
  readonly #signers: ReadonlyMap<string, Signer>;
  /** Counts the transactions whose endorsers the gateway chose, so that every organisation has its turn. */
  #turn = 0;

  constructor(options: EndorserOptions) {
    this.#options = options;
    this.#hosts = new EndorsingHosts([...options.peers.keys()], options.contracts, options.executeTimeoutMs);
    this.#signers = new Map(
      [...options.peers].map(([mspId, { certificatePem, privateKeyPem }]) => [
        mspId,
        { creator: encodeCreator(mspId, certificatePem), key: createPrivateKey(privateKeyPem) },
      ]),
    );
  }

  /**
   * Answers a query.
   *
   * @throws GatewayFault with the contract's text in the message and in the details
   */
  async evaluate(signed: peer.SignedProposal): Promise<SimulationResult> {
    const proposal = parseProposal(signed);
    this.#refuseUnknown(proposal, evaluateFault);
    const refusal = this.#refusalOf(proposal);
    if (refusal !== undefined) {
      throw new GatewayFault(status.FAILED_PRECONDITION, EVALUATE_FAILED + refusal, [this.#detail(refusal)]);
    }
    const { mspId, result } = await this.#hosts.evaluate(proposal, this.#options.ledger.snapshot());
    if (result.status < ERROR_STATUS) return result;
    const message = describe(result);
    throw new GatewayFault(status.UNKNOWN, EVALUATE_FAILED + message, [this.#detail(message, mspId)]);
  }

  /**
   * Endorses a proposal on the peers of the organisations that the client names, or else, as Fabric's gateway does, on
   * as many as the policy needs.
   *
   * @throws GatewayFault `ABORTED` if a contract refuses or the peers differ
   */
  async endorse(signed: peer.SignedProposal, mspIds: readonly string[]): Promise<common.Envelope> {
    const proposal = parseProposal(signed);
    this.#refuseUnknown(proposal, endorseFault);
    const refusal = this.#refusalOf(proposal);
    if (refusal !== undefined)
      throw new GatewayFault(status.ABORTED, ENDORSE_FAILED, [this.#detail(refusal)]);
    const runs: EndorsedRun[] = [];
    const asked = mspIds.length > 0 ? mspIds : this.#chooseEndorsers(proposal);
    for await (const run of this.#hosts.endorse(proposal, this.#options.ledger.snapshot(), asked)) {
      if (run.result.status >= ERROR_STATUS) {
        const text = runs.length === 0 ? ENDORSE_FAILED : COLLECT_FAILED;
        throw new GatewayFault(status.ABORTED, text, [this.#detail(describe(run.result), run.mspId)]);
      }
      runs.push(run);
    }
    const [first] = runs;
    if (first === undefined)
      throw new GatewayFault(status.UNAVAILABLE, `no endorsing peer of ${mspIds.join(', ')}`);
    if (!isAgreed(runs))
      throw new GatewayFault(status.ABORTED, `failed to assemble transaction: ${MISMATCH}`);
    const endorsements = runs.map((run) => this.#sign(run));
    const { responsePayload } = first;
    this.#options.policy.remember(proposal.txId, { responsePayload, endorsements });
    return assembleTransaction(proposal, responsePayload, endorsements);
  }

  /** The client's own organisation, and of the others as many as are still needed. */
  #chooseEndorsers({ creator }: Proposal): readonly string[] {
    const { membership, policy } = this.#options;
    const own = membership.identify(creator).mspId;
    const others = [...this.#signers.keys()].filter((mspId) => mspId !== own);
    this.#turn += 1;
    const first = this.#turn % Math.max(1, others.length);
    return [own, ...others.slice(first), ...others.slice(0, first)].slice(0, policy.needed);
  }

  #refuseUnknown(proposal: Proposal, faultOf: typeof evaluateFault): void {
    const { channelId, chaincodeName } = this.#options;
    const isKnown = proposal.channelId === channelId;
    if (!isKnown || proposal.chaincodeName !== chaincodeName) throw faultOf(proposal, isKnown);
  }

  /** Why a peer would not run a proposal at all. */
  #refusalOf({ creator, signed, txId }: Proposal): string | undefined {
    try {
      this.#options.membership.authenticate(
        creator,
        signed.getProposalBytes_asU8(),
        signed.getSignature_asU8(),
      );
    } catch (error) {
      if (error instanceof AccessDenied) return `error validating proposal: ${error.message}`;
      throw error;
    }
    if (this.#options.ledger.statusOf(txId) === undefined) return undefined;
    return `duplicate transaction found [${txId}]. Creator [${Buffer.from(creator).toString('hex')}]`;
  }

  #sign({ mspId, responsePayload }: EndorsedRun): Endorsement {
    const signer = this.#signers.get(mspId);
    if (signer === undefined) throw new RangeError(`no peer of ${mspId}`);
    const signature = signLowS(signer.key, Buffer.concat([responsePayload, signer.creator]));
    return { endorser: signer.creator, signature };
  }

  #detail(message: string, mspId = [...this.#options.peers.keys()][0] ?? ''): FaultDetail {
    return { address: this.#options.address(), mspId, message };
  }
}

/** What a gateway says of a channel that it has not joined, or of a chaincode that nobody runs, to a query. */
function evaluateFault({ channelId, chaincodeName }: Proposal, isJoined: boolean): GatewayFault {
  if (isJoined) {
    const text = `no peers available to evaluate chaincode ${chaincodeName} in channel ${channelId}`;
    return new GatewayFault(status.FAILED_PRECONDITION, text);
  }
  return new GatewayFault(
    status.UNAVAILABLE,
    `failed to get config for channel [${channelId}]: could not get last config for channel ${channelId}`,
  );
}

/** The same to a transaction; it has one text for both. */
function endorseFault({ channelId, chaincodeName }: Proposal): GatewayFault {
  return new GatewayFault(
    status.FAILED_PRECONDITION,
    'no combination of peers can be derived which satisfy the endorsement policy: ' +
      `No metadata was found for chaincode ${chaincodeName} in channel ${channelId}`,
  );
}

/** Fabric's form for what a contract threw. */
function describe({ status: code, message }: SimulationResult): string {
  return `chaincode response ${code}, ${message}`;
}
