import { isEkoError } from '@eko/protocol';
import type { HistoryRule, Violation } from '../violation';
import { parseBlockParts, sha256, type BlockParts } from './block-parts';
import { CONFIG_NAMES, groupAt, parseChannelConfig, type ConfigGroup } from './channel-config';
import type { ChannelMember } from './channel-member';
import { ChannelMembers } from './channel-members';
import { CommittedVersions } from './committed-versions';
import { consentersOf } from './channel-members';
import { EndorsementPolicies, governedNamespaces } from './endorsement-policies';
import {
  ENVELOPE_TYPES,
  parseEndorsedParts,
  parseEnvelopeParts,
  type EndorsedParts,
  type EnvelopeParts,
} from './envelope-parts';
import { isSatisfied } from './is-satisfied';

/** What a chain of blocks is held against. */
export interface ChainTerms {
  readonly channel: string;
  /** The hash of the first block, in hex, from a source other than the peer that gives the blocks. */
  readonly firstBlockHash?: string;
}

/** What is known of a chain once its blocks were read. */
export interface ChainReport {
  readonly firstBlockHash: string | undefined;
  readonly lastBlockHash: string | undefined;
  /** Whether the configuration names orderers, who must have signed: a development ledger has none. */
  readonly isSignedByOrderers: boolean;
}

/** `TxValidationCode.VALID` */
const VALID = 0;
const BLOCK_VALIDATION = 'BlockValidation';

/** The configuration in force, and whom it names. */
interface Constitution {
  readonly config: ConfigGroup;
  readonly members: ChannelMembers;
  readonly consenters: ReadonlyMap<bigint, ChannelMember | undefined>;
}

/**
 * A channel's blocks as a chain: each follows the one before, holds what its header says, is signed by the orderers, and
 * its valid transactions by their creators and endorsers. The first block says who all these are.
 *
 * What cannot be seen from blocks: whether a transaction that the peer calls invalid is so, where nothing that counts has
 * read what it wrote; and whether the organisations had agreed to a change of the configuration, which is the
 * orderers' word.
 */
export class ChannelChain {
  readonly violations: Violation[] = [];
  readonly #terms: ChainTerms;
  readonly #policies = new EndorsementPolicies();
  readonly #versions = new CommittedVersions();
  readonly #valid = new Set<string>();
  #constitution: Constitution | undefined;
  #next = 0n;
  #isBroken = false;
  #firstHash: Buffer | undefined;
  #lastHash: Buffer = Buffer.alloc(0);

  constructor(terms: ChainTerms) {
    this.#terms = terms;
  }

  /** Whether a block was not the one that was due. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  get report(): ChainReport {
    return {
      firstBlockHash: this.#firstHash?.toString('hex'),
      lastBlockHash: this.#firstHash === undefined ? undefined : this.#lastHash.toString('hex'),
      isSignedByOrderers: this.#orderers !== undefined,
    };
  }

  /**
   * Checks the next block.
   *
   * @returns whether it is the next block of this channel. After one that is not, nothing can be said of those that follow
   */
  accepts(bytes: Uint8Array): boolean {
    try {
      const block = parseBlockParts(bytes);
      this.#isBroken = !this.#isNext(block);
      if (this.#isBroken) return false;
      this.#checkOrderers(block);
      this.#checkEnvelopes(block);
      this.#next += 1n;
      this.#lastHash = sha256(block.header);
      return true;
    } catch (error) {
      if (!isEkoError(error, 'CORRUPT_RECORD')) throw error;
      this.#isBroken = true;
      return this.#refuse('changed-block', `it cannot be read: ${error.message}`);
    }
  }

  get #orderers(): ConfigGroup | undefined {
    return this.#constitution && groupAt(this.#constitution.config, CONFIG_NAMES.orderer);
  }

  #isNext({ number, previousHash, dataHash, header, envelopes }: BlockParts): boolean {
    if (number !== this.#next) return this.#refuse('broken-chain', `block ${number} was given in its place`);
    if (!this.#lastHash.equals(previousHash))
      return this.#refuse('broken-chain', 'it does not follow the block before it');
    if (!sha256(...envelopes).equals(dataHash))
      return this.#refuse('changed-block', 'its transactions are not those that its header was made for');
    if (number > 0n) return true;
    this.#firstHash = sha256(header);
    const { firstBlockHash: expected = this.#firstHash.toString('hex') } = this.#terms;
    if (this.#firstHash.toString('hex') !== expected)
      return this.#refuse('wrong-channel', `its hash is ${this.#firstHash.toString('hex')}, not ${expected}`);
    return true;
  }

  /** Those in force before the block sign it; the first is signed by nobody. */
  #checkOrderers({ number, signatures }: BlockParts): void {
    const orderers = this.#orderers;
    if (number === 0n || this.#constitution === undefined || orderers === undefined) return;
    const { members, consenters } = this.#constitution;
    const signers = new Set<ChannelMember>();
    for (const { consenter, creator, signed, signature } of signatures) {
      const signer = consenter === undefined ? members.identified(creator) : consenters.get(consenter);
      if (signer?.hasSigned(signed, signature) === true) signers.add(signer);
    }
    if (!isSatisfied(orderers.policies.get(BLOCK_VALIDATION), orderers, [...signers]))
      this.#refuse('unsigned-block', `${signers.size} orderers have signed it, and those are not enough`);
  }

  #checkEnvelopes({ number, envelopes, validationCodes }: BlockParts): void {
    const constitution = this.#constitution;
    for (const [index, bytes] of envelopes.entries()) {
      if (number > 0n && validationCodes[index] !== VALID) continue;
      const envelope = parseEnvelopeParts(bytes);
      if (envelope.channel !== this.#terms.channel)
        this.#refuse('wrong-channel', `it holds what is of channel ${envelope.channel}`, envelope.txId);
      if (constitution !== undefined) this.#checkCreator(envelope, constitution.members);
      if (envelope.type === ENVELOPE_TYPES.config) this.#constitution = newConstitution(envelope.data);
      else if (envelope.type !== ENVELOPE_TYPES.transaction)
        this.#refuse('forged-transaction', 'it is neither a transaction nor a configuration', envelope.txId);
      else if (constitution !== undefined) this.#checkTransaction(envelope, BigInt(index), constitution);
    }
    if (this.#constitution === undefined)
      this.#refuse('wrong-channel', 'it is the first, and holds no configuration of the channel');
  }

  #checkCreator({ creator, payload, signature, txId }: EnvelopeParts, members: ChannelMembers): void {
    if (members.identified(creator)?.hasSigned(payload, signature) !== true)
      this.#refuse('forged-transaction', 'no member of the channel has signed it', txId);
  }

  #checkTransaction(envelope: EnvelopeParts, index: bigint, { config, members }: Constitution): void {
    const { txId, nonce, creator } = envelope;
    if (sha256(nonce, creator).toString('hex') !== txId)
      this.#refuse('forged-transaction', 'its ID is not that of its creator and nonce', txId);
    if (this.#valid.has(txId)) this.#refuse('repeated-transaction', 'it was valid before', txId);
    this.#valid.add(txId);
    const endorsed = parseEndorsedParts(envelope);
    if (endorsed?.isOfItsProposal !== true) {
      this.#refuse('unendorsed-transaction', 'what was endorsed is the result of another proposal', txId);
      return;
    }
    // Fabric's peers call it invalid. Taken for valid, it would speak for a chaincode whose endorsers never saw it.
    if (endorsed.eventChaincode !== '' && endorsed.eventChaincode !== endorsed.chaincode)
      this.#refuse(
        'unendorsed-transaction',
        `its event says to be of ${endorsed.eventChaincode}, and ${endorsed.chaincode} was endorsed`,
        txId,
      );
    const signers = endorsersOf(endorsed, members);
    const namespaces = governedNamespaces(endorsed.chaincode, endorsed.accesses);
    const short = namespaces.find((namespace) => !this.#policies.allows(namespace, config, signers));
    if (short !== undefined || signers.length === 0) {
      const organisations = [...new Set(signers.map(({ mspId }) => mspId))];
      const text = `endorsed by ${organisations.join(', ') || 'nobody'}, which is not enough`;
      this.#refuse('unendorsed-transaction', short === undefined ? text : `${text} for ${short}`, txId);
    }
    const outdated = this.#versions.outdatedKey(endorsed.accesses);
    if (outdated !== undefined)
      this.#refuse('outdated-read', `it had read another version of ${outdated}`, txId);
    this.#versions.apply({ blockNumber: this.#next, index }, endorsed.accesses);
    this.#policies.apply(endorsed.accesses);
  }

  /** Notes what is wrong with the block that is due. Answers `false`. */
  #refuse(rule: HistoryRule, text: string, txId?: string): false {
    const at = { blockNumber: this.#next, ...(txId === undefined || txId === '' ? {} : { txId }) };
    this.violations.push({ rule, text, ...at });
    return false;
  }
}

function newConstitution(data: Uint8Array): Constitution {
  const config = parseChannelConfig(data);
  const members = new ChannelMembers(config);
  return { config, members, consenters: consentersOf(config, members) };
}

/** Those whose endorsements hold, each once. */
function endorsersOf(
  { response, endorsements }: EndorsedParts,
  members: ChannelMembers,
): readonly ChannelMember[] {
  const found = new Set<ChannelMember>();
  for (const { endorser, signature } of endorsements) {
    const member = members.identified(endorser);
    if (member?.hasSigned(Buffer.concat([response, endorser]), signature) === true) found.add(member);
  }
  return [...found];
}
