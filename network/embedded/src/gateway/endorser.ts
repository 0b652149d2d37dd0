import { createPrivateKey, type KeyObject } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { common, peer } from '@hyperledger/fabric-protos';
import { type EndorsedRun, EndorsingHosts, isAgreed, MISMATCH } from '../contracts/endorsing-hosts';
import type { ContractClass, SimulationResult } from '../contracts/contract-host';
import { AccessDenied, hasExpired, type KeyPair, type Membership } from '@eko/msp';
import { signLowS } from '@eko/protocol/node';
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
const UNFIT_TO_EVALUATE = 'failed to evaluate transaction, see attached details for more info';
/** How far a proposal's time may be from the peer's: Fabric's `peer.authentication.timewindow`. */
const TIME_WINDOW_MS = 15 * 60 * 1000;
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
    const unfit = unfitness(proposal, this.#options.membership);
    if (unfit !== undefined)
      throw new GatewayFault(status.UNAVAILABLE, UNFIT_TO_EVALUATE, [this.#detail(unfit)]);
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
    const refusal = unfitness(proposal, this.#options.membership) ?? this.#refusalOf(proposal);
    if (refusal !== undefined)
      throw new GatewayFault(status.ABORTED, ENDORSE_FAILED, [this.#detail(refusal)]);
    const isNamed = mspIds.length > 0;
    const asked = isNamed ? mspIds : this.#chooseEndorsers();
    const runs: EndorsedRun[] = [];
    const refused: FaultDetail[] = [];
    for await (const run of this.#hosts.endorse(proposal, this.#options.ledger.snapshot(), asked)) {
      const text = run.result.status >= ERROR_STATUS ? describe(run.result) : undefined;
      if (text !== undefined) refused.push(this.#detail(text, run.mspId));
      else runs.push(run);
      // A first endorsement decides whether others are asked; organisations that were named are asked all at once.
      if (!isNamed && refused.length > 0) break;
    }
    if (refused.length > 0) {
      const isFirst = !isNamed && runs.length === 0;
      throw new GatewayFault(status.ABORTED, isFirst ? ENDORSE_FAILED : COLLECT_FAILED, refused);
    }
    const [first] = runs;
    if (first === undefined) {
      const text = `failed to find any endorsing peers for org(s): ${mspIds.join(', ')}`;
      throw new GatewayFault(status.UNAVAILABLE, text);
    }
    const unlike = runs.filter((run) => !isAgreed([first, run]));
    if (unlike.length > 0) {
      const details = unlike.map(({ mspId }) => this.#detail(MISMATCH, mspId));
      throw new GatewayFault(status.ABORTED, COLLECT_FAILED, details);
    }
    const endorsements = runs.map((run) => this.#sign(run));
    const { responsePayload } = first;
    this.#options.policy.remember(proposal.txId, { responsePayload, endorsements });
    return assembleTransaction(proposal, responsePayload, endorsements);
  }

  /** The gateway's own organisation, and of the others as many as are still needed. */
  #chooseEndorsers(): readonly string[] {
    const [own = '', ...others] = this.#signers.keys();
    this.#turn += 1;
    const first = this.#turn % Math.max(1, others.length);
    return [own, ...others.slice(first), ...others.slice(0, first)].slice(0, this.#options.policy.needed);
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

/**
 * Why a peer does not so much as look at a proposal: its sender's certificate has come to its end, or its sender's clock
 * is too far from the peer's.
 */
function unfitness({ creator, timestamp }: Proposal, membership: Membership): string | undefined {
  try {
    if (hasExpired(membership.identify(creator))) return 'proposal client identity expired';
  } catch (error) {
    // Who is none of the channel's is refused later, by another text.
    if (!(error instanceof AccessDenied)) throw error;
  }
  const [sent, now] = [new Date(timestamp.seconds * 1000), new Date()];
  if (Math.abs(sent.getTime() - now.getTime()) <= TIME_WINDOW_MS) return undefined;
  return `request unauthorized due to incorrect timestamp ${toSeconds(sent)}, peer time ${toSeconds(now)}, peer.authentication.timewindow 15m0s`;
}

const toSeconds = (time: Date): string =>
  Number.isNaN(time.getTime()) ? 'out of range' : `${time.toISOString().slice(0, 19)}Z`;

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
